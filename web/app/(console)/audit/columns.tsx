import Link from "next/link";
import { Play } from "lucide-react";
import type { AuditLog } from "@/lib/api/schema";
import { bytes, duration } from "@/lib/format";
import { routes } from "@/lib/routes";
import { buttonClass } from "@/ui/button";
import { Two, type Column } from "@/ui/table";
import { Time } from "../_components/page";
import { StatusBadge } from "./status";

/** How long it took, or takes so far. */
export function lasted(row: AuditLog, now: number = Date.now()): string {
  const end = row.end_time ? new Date(row.end_time).getTime() : now;
  return duration(end - new Date(row.start_time).getTime());
}

export function RecordingLink({ row }: { row: AuditLog }) {
  if (!row.recording_path) return <span className="text-faint" title={row.end_time ? "No recording has arrived" : "Nothing of the recording has arrived yet"}>–</span>;
  return (
    <Link href={routes.recording(row.session_id)} className={buttonClass("plain", true)} aria-label={`Play the recording of ${row.user} on ${row.target}`}>
      <Play className="size-3.5" aria-hidden />Play
    </Link>
  );
}

export const COLUMNS: Column<AuditLog>[] = [
  { key: "start", head: "Started", cell: (row) => <Two main={<span className="font-normal"><Time value={row.start_time} /></span>} more={lasted(row)} /> },
  { key: "user", head: "User", cell: (row) => <Two main={row.user} more={<><span className="md:hidden">{row.target}</span><span className="hidden md:inline">{row.client_ip}</span></>} /> },
  { key: "target", head: "Target", wide: true, cell: (row) => <Two main={row.target} more={row.zone} /> },
  { key: "status", head: "Status", cell: (row) => <StatusBadge status={row.session_status} /> },
  { key: "reason", head: "Reason", wider: true, grow: true, cell: (row) => <span className="line-clamp-2 text-[13px] text-muted">{row.error_message ?? "–"}</span> },
  { key: "bytes", head: "Typed / printed", wide: true, right: true, cell: (row) => `${bytes(row.bytes_sent)} / ${bytes(row.bytes_received)}` },
  { key: "recording", head: "Recording", wide: true, right: true, cell: (row) => <RecordingLink row={row} /> },
];

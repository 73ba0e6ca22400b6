import Link from "next/link";
import { Play } from "lucide-react";
import type { AuditLog } from "@/lib/api/schema";
import { bytes, duration } from "@/lib/format";
import { routes } from "@/lib/routes";
import { audit } from "@/texts/audit";
import { auditLists } from "@/texts/audit-lists";
import { anywhere } from "@/texts/anywhere";
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
  if (!row.recording_path) return <span className="text-faint" title={row.end_time ? audit.noRecording : audit.noRecordingYet}>–</span>;
  return (
    <Link href={routes.recording(row.session_id)} className={buttonClass("plain", true)} aria-label={audit.playOf(row.user, row.target)}>
      <Play className="size-3.5" aria-hidden />{anywhere.play}
    </Link>
  );
}

export const COLUMNS: Column<AuditLog>[] = [
  { key: "start", head: anywhere.started, cell: (row) => <Two main={<span className="font-normal"><Time value={row.start_time} /></span>} more={lasted(row)} /> },
  { key: "user", head: anywhere.user, cell: (row) => <Two main={row.user} more={<><span className="md:hidden">{row.target}</span><span className="hidden md:inline">{row.client_ip}</span></>} /> },
  { key: "target", head: anywhere.target, wide: true, cell: (row) => <Two main={row.target} more={row.zone} /> },
  { key: "status", head: auditLists.status, cell: (row) => <StatusBadge status={row.session_status} /> },
  { key: "reason", head: audit.reason, wider: true, grow: true, cell: (row) => <span className="line-clamp-2 text-[13px] text-muted">{row.error_message ?? "–"}</span> },
  { key: "bytes", head: audit.traffic, wide: true, right: true, cell: (row) => `${bytes(row.bytes_sent)} / ${bytes(row.bytes_received)}` },
  { key: "recording", head: anywhere.recording, wide: true, right: true, cell: (row) => <RecordingLink row={row} /> },
];

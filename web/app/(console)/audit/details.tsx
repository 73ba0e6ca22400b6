"use client";
import { useQuery } from "@tanstack/react-query";
import { call } from "@/lib/api/client";
import type { AuditLog } from "@/lib/api/schema";
import { bytes, fullTime } from "@/lib/format";
import { Dialog } from "@/ui/dialog";
import { Facts } from "@/ui/facts";
import { lasted, RecordingLink } from "./columns";
import { PersonLink, TargetLink } from "./links";
import { StatusBadge } from "./status";

/** The account on the target: the book has its id, the session its name. */
function Account({ session }: { session: string }) {
  const found = useQuery({
    queryKey: ["GET /api/v1/sessions/{id}", session],
    queryFn: () => call("GET /api/v1/sessions/{id}", { path: { id: session } }),
  });
  if (found.isPending) return "…";
  return found.data?.username ?? "–";
}

/** All that the book has on one session. */
export function Details({ row, onClose }: { row: AuditLog; onClose: () => void }) {
  return (
    <Dialog open wide onOpenChange={(open) => !open && onClose()} title={`${row.user} on ${row.target}`}>
      <Facts
        items={[
          { name: "Status", value: <StatusBadge status={row.session_status} /> },
          { name: "Reason", value: row.error_message ?? "–" },
          { name: "Started", value: fullTime(row.start_time) },
          { name: "Ended", value: row.end_time ? fullTime(row.end_time) : "Running" },
          { name: "Duration", value: lasted(row) },
          { name: "User", value: <PersonLink id={row.user_id} name={row.user} /> },
          { name: "From address", value: row.client_ip ?? "–" },
          { name: "Target", value: <><TargetLink id={row.target_id} name={row.target} />{`, zone ${row.zone}`}</> },
          { name: "Account", value: <Account session={row.session_id} /> },
          { name: "Typed", value: bytes(row.bytes_sent) },
          { name: "Printed", value: bytes(row.bytes_received) },
          { name: "Recording", value: <RecordingLink row={row} /> },
          { name: "Session id", value: <span className="font-mono text-xs">{row.session_id}</span> },
        ]}
      />
    </Dialog>
  );
}

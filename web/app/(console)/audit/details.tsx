"use client";
import { useQuery } from "@tanstack/react-query";
import { call } from "@/lib/api/client";
import type { AuditLog } from "@/lib/api/schema";
import { bytes, fullTime } from "@/lib/format";
import { audit } from "@/texts/audit";
import { auditLists } from "@/texts/audit-lists";
import { anywhere } from "@/texts/anywhere";
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
    <Dialog open wide onOpenChange={(open) => !open && onClose()} title={audit.one(row.user, row.target)}>
      <Facts
        items={[
          { name: auditLists.status, value: <StatusBadge status={row.session_status} /> },
          { name: audit.reason, value: row.error_message ?? "–" },
          { name: anywhere.started, value: fullTime(row.start_time) },
          { name: audit.ended, value: row.end_time ? fullTime(row.end_time) : audit.running },
          { name: audit.duration, value: lasted(row) },
          { name: anywhere.user, value: <PersonLink id={row.user_id} name={row.user} /> },
          { name: audit.fromAddress, value: row.client_ip ?? "–" },
          { name: anywhere.target, value: audit.targetInZone(<TargetLink id={row.target_id} name={row.target} />, row.zone) },
          { name: anywhere.account, value: <Account session={row.session_id} /> },
          { name: audit.typed, value: bytes(row.bytes_sent) },
          { name: audit.printed, value: bytes(row.bytes_received) },
          { name: anywhere.recording, value: <RecordingLink row={row} /> },
          { name: audit.sessionId, value: <span className="font-mono text-xs">{row.session_id}</span> },
        ]}
      />
    </Dialog>
  );
}

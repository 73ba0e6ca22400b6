import Link from "next/link";
import type { AuditEvent } from "@/lib/api/schema";
import { eventWords } from "@/lib/events";
import { fullTime } from "@/lib/format";
import { routes } from "@/lib/routes";
import { Dialog } from "@/ui/dialog";
import { Facts } from "@/ui/facts";
import { PersonLink } from "../links";
import { teller } from "./columns";

/** All that an event tells. */
export function EventDetails({ event, onClose }: { event: AuditEvent; onClose: () => void }) {
  const session = event.session_id && (
    <Link href={routes.events({ session_id: event.session_id })} onClick={onClose} className="font-mono text-xs text-accent underline">{event.session_id}</Link>
  );
  return (
    <Dialog open wide onOpenChange={(open) => !open && onClose()} title={eventWords(event)}>
      <Facts
        items={[
          { name: "Kind", value: <span className="font-mono text-xs">{event.kind}</span> },
          { name: "Happened", value: fullTime(event.occurred_at) },
          { name: "Written down", value: fullTime(event.received_at) },
          { name: "User", value: event.user_id && event.user ? <PersonLink id={event.user_id} name={event.user} /> : "–" },
          { name: "From address", value: event.client_ip ?? "–" },
          { name: "Session", value: session ?? "–" },
          { name: "Told by", value: `${teller(event)}, number ${event.seq} of its chain` },
        ]}
      />
      {event.detail !== null && (
        <pre tabIndex={0} aria-label="Details" className="mt-4 max-h-72 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs">{JSON.stringify(event.detail, null, 2)}</pre>
      )}
    </Dialog>
  );
}

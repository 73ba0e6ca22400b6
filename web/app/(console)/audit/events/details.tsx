import Link from "next/link";
import type { AuditEvent } from "@/lib/api/schema";
import { eventWords } from "@/lib/events";
import { fullTime } from "@/lib/format";
import { routes } from "@/lib/routes";
import { audit } from "@/texts/audit";
import { anywhere } from "@/texts/anywhere";
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
          { name: anywhere.kind, value: <span className="font-mono text-xs">{event.kind}</span> },
          { name: audit.happened, value: fullTime(event.occurred_at) },
          { name: audit.writtenDown, value: fullTime(event.received_at) },
          { name: anywhere.user, value: event.user_id && event.user ? <PersonLink id={event.user_id} name={event.user} /> : "–" },
          { name: audit.fromAddress, value: event.client_ip ?? "–" },
          { name: audit.session, value: session ?? "–" },
          { name: audit.toldBy, value: audit.inChain(teller(event), event.seq) },
        ]}
      />
      {event.detail !== null && (
        <pre tabIndex={0} aria-label={audit.details} className="mt-4 max-h-72 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs">{JSON.stringify(event.detail, null, 2)}</pre>
      )}
    </Dialog>
  );
}

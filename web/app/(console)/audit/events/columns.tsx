import type { AuditEvent } from "@/lib/api/schema";
import { eventWords } from "@/lib/events";
import { audit } from "@/texts/audit";
import { anywhere } from "@/texts/anywhere";
import { Two, type Column } from "@/ui/table";
import { Time } from "../../_components/page";

/** Who tells it: the hub, or the satellite of a zone. */
export const teller = (event: AuditEvent): string => (event.satellite ? audit.satelliteIn(event.satellite, event.zone ?? audit.itsZone) : audit.hub);

export const COLUMNS: Column<AuditEvent>[] = [
  { key: "at", head: audit.when, cell: (event) => <Time value={event.occurred_at} /> },
  { key: "user", head: anywhere.user, cell: (event) => <Two main={event.user ?? <span className="font-normal text-faint">–</span>} more={<span className="hidden md:inline">{event.client_ip}</span>} /> },
  { key: "what", head: audit.what, grow: true, cell: (event) => <span className="line-clamp-2 break-words">{eventWords(event)}</span> },
  { key: "teller", head: audit.toldBy, wider: true, cell: (event) => <span className="text-muted">{teller(event)}</span> },
];

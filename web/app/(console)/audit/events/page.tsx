"use client";
import Link from "next/link";
import { ScrollText } from "lucide-react";
import { Suspense, useState } from "react";
import { useList } from "@/lib/api/hooks";
import type { AuditEvent, Operations } from "@/lib/api/schema";
import { FAMILIES, eventWords } from "@/lib/events";
import { fullTime } from "@/lib/format";
import { routes } from "@/lib/routes";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Facts } from "@/ui/facts";
import { Input, Select } from "@/ui/field";
import { Empty, SkeletonRows } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { Listing, Time } from "../../_components/page";
import { Pick } from "../../_components/pick";
import { instant, useAddressFilter, type AddressFilter } from "../address";
import { AuditHead } from "../head";
import { backwards, useNames } from "../names";

const REFRESH_MS = 5000;
const NAMES = ["user_id", "kind", "session_id", "from", "to"] as const;
type Filter = AddressFilter<(typeof NAMES)[number]>;

const isSet = (filter: Filter): boolean => NAMES.some((name) => filter[name]);

const asQuery = (filter: Filter): NonNullable<Operations["GET /api/v1/audit/events"]["query"]> => ({
  user_id: filter.user_id,
  kind: filter.kind,
  session_id: filter.session_id,
  from: instant(filter.from),
  to: instant(filter.to),
});

/** Who tells it: the hub, or the satellite of a zone. */
const teller = (event: AuditEvent): string => (event.satellite ? `${event.satellite} in ${event.zone ?? "its zone"}` : "Hub");

const COLUMNS: Column<AuditEvent>[] = [
  { key: "at", head: "When", cell: (event) => <Time value={event.occurred_at} /> },
  { key: "user", head: "User", cell: (event) => <Two main={event.user ?? <span className="font-normal text-faint">–</span>} more={<span className="hidden md:inline">{event.client_ip}</span>} /> },
  { key: "what", head: "What", grow: true, cell: (event) => <span className="line-clamp-2 break-words">{eventWords(event)}</span> },
  { key: "teller", head: "Told by", wider: true, cell: (event) => <span className="text-muted">{teller(event)}</span> },
];

function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const { users } = useNames();
  const set = (name: keyof Filter) => (event: { target: { value: string } }) => onChange({ ...filter, [name]: event.target.value });
  return (
    <form role="search" aria-label="Filter the events" onSubmit={(event) => event.preventDefault()} className="mb-4 grid grid-cols-2 items-start gap-3 md:grid-cols-3 xl:grid-cols-[1fr_1fr_13rem_13rem_auto]">
      <Pick label="User" list={users} text={(user) => user.name} nothing="All users" value={filter.user_id ?? ""} onChange={set("user_id")} />
      <Select label="About" value={filter.kind ?? ""} onChange={set("kind")}>
        <option value="">Everything</option>
        {filter.kind && !(filter.kind in FAMILIES) && <option value={filter.kind}>{filter.kind}</option>}
        {Object.entries(FAMILIES).map(([kind, word]) => <option key={kind} value={kind}>{word}</option>)}
      </Select>
      <div className="order-last col-span-2 md:order-none md:col-span-1"><Input label="From" type="datetime-local" value={filter.from ?? ""} onChange={set("from")} /></div>
      <div className="order-last col-span-2 md:order-none md:col-span-1"><Input label="To" type="datetime-local" value={filter.to ?? ""} onChange={set("to")} error={backwards(filter)} /></div>
      <div className="md:pt-6">
        <Button look="quiet" className="h-9 sm:h-8" why={isSet(filter) ? null : "No filter is set"} onClick={() => onChange({})}>Clear</Button>
      </div>
    </form>
  );
}

function Details({ event, onClose }: { event: AuditEvent; onClose: () => void }) {
  const session = event.session_id && (
    <Link href={`${routes.events()}?session_id=${event.session_id}`} onClick={onClose} className="font-mono text-xs text-accent underline">{event.session_id}</Link>
  );
  return (
    <Dialog open wide onOpenChange={(open) => !open && onClose()} title={eventWords(event)}>
      <Facts
        items={[
          { name: "Kind", value: <span className="font-mono text-xs">{event.kind}</span> },
          { name: "Happened", value: fullTime(event.occurred_at) },
          { name: "Written down", value: fullTime(event.received_at) },
          { name: "User", value: event.user ?? "–" },
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

function EventsPage() {
  const [filter, change] = useAddressFilter(NAMES);
  const list = useList("GET /api/v1/audit/events", asQuery(filter), { everyMs: REFRESH_MS });
  const [opened, setOpened] = useState<AuditEvent | null>(null);
  const empty = isSet(filter) ? (
    <Empty icon={<ScrollText />} title="No event matches" action={<Button onClick={() => change({})}>Clear the filters</Button>} />
  ) : (
    <Empty icon={<ScrollText />} title="Nothing has happened yet" />
  );
  return (
    <>
      <AuditHead page="events" query={asQuery(filter)} />
      <Filters filter={filter} onChange={change} />
      <Listing list={list} empty={empty}>
        {(rows) => <Table label="Events" columns={COLUMNS} rows={rows} rowKey={(event) => String(event.id)} onOpen={setOpened} />}
      </Listing>
      {opened && <Details event={opened} onClose={() => setOpened(null)} />}
    </>
  );
}

export default function Page() {
  return <Suspense fallback={<SkeletonRows />}><EventsPage /></Suspense>;
}

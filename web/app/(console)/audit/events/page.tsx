"use client";
import { ScrollText } from "lucide-react";
import { Suspense, useState } from "react";
import { useList } from "@/lib/api/hooks";
import type { AuditEvent, Operations } from "@/lib/api/schema";
import { audit } from "@/texts/audit";
import { auditLists } from "@/texts/audit-lists";
import { anywhere } from "@/texts/anywhere";
import { events } from "@/texts/events";
import { Button } from "@/ui/button";
import { Input, Select } from "@/ui/field";
import { Empty, SkeletonRows } from "@/ui/states";
import { Table } from "@/ui/table";
import { Listing } from "../../_components/page";
import { Pick } from "../../_components/pick";
import { instant, useAddressFilter, type AddressFilter } from "../address";
import { AuditHead } from "../head";
import { backwards, useNames } from "../names";
import { COLUMNS } from "./columns";
import { EventDetails } from "./details";

const REFRESH_MS = 5000;
const NAMES = ["user_id", "about", "kind", "session_id", "from", "to"] as const;
type Filter = AddressFilter<(typeof NAMES)[number]>;

const isSet = (filter: Filter): boolean => NAMES.some((name) => filter[name]);

const asQuery = (filter: Filter): NonNullable<Operations["GET /api/v1/audit/events"]["query"]> => ({
  user_id: filter.user_id,
  about: filter.about,
  kind: filter.kind,
  session_id: filter.session_id,
  from: instant(filter.from),
  to: instant(filter.to),
});

function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const { users } = useNames();
  const set = (name: keyof Filter) => (event: { target: { value: string } }) => onChange({ ...filter, [name]: event.target.value });
  return (
    <form role="search" aria-label={auditLists.filterEvents} onSubmit={(event) => event.preventDefault()} className="mb-4 grid grid-cols-2 items-start gap-3 md:grid-cols-3 xl:grid-cols-[1fr_1fr_13rem_13rem_auto]">
      <Pick label={anywhere.user} list={users} text={(user) => user.name} nothing={auditLists.allUsers} value={filter.user_id ?? ""} onChange={set("user_id")} />
      <Select label={auditLists.about} value={filter.kind ?? ""} onChange={set("kind")}>
        <option value="">{auditLists.everything}</option>
        {filter.kind && !(filter.kind in events.families) && <option value={filter.kind}>{filter.kind}</option>}
        {Object.entries(events.families).map(([kind, word]) => <option key={kind} value={kind}>{word}</option>)}
      </Select>
      <div className="order-last col-span-2 md:order-none md:col-span-1"><Input label={auditLists.from} type="datetime-local" value={filter.from ?? ""} onChange={set("from")} /></div>
      <div className="order-last col-span-2 md:order-none md:col-span-1"><Input label={auditLists.to} type="datetime-local" value={filter.to ?? ""} onChange={set("to")} error={backwards(filter)} /></div>
      <div className="md:pt-6">
        <Button look="quiet" className="h-9 sm:h-8" why={isSet(filter) ? null : auditLists.noFilter} onClick={() => onChange({})}>{auditLists.clear}</Button>
      </div>
    </form>
  );
}

/** Which person or thing the events are about that are listed. */
function Named({ id, onAll }: { id: string; onAll: () => void }) {
  const { users, targets, zones } = useNames();
  const known = [...(users.rows ?? []), ...(targets.rows ?? []), ...(zones.rows ?? [])].find((one) => one.id === id);
  return (
    <p role="status" className="mb-3 flex flex-wrap items-center gap-2 text-muted">
      {auditLists.onlyAbout(known?.name ?? auditLists.theId(id))}
      <Button look="quiet" small onClick={onAll}>{auditLists.showAll}</Button>
    </p>
  );
}

function EventsPage() {
  const [filter, change] = useAddressFilter(NAMES);
  const list = useList("GET /api/v1/audit/events", asQuery(filter), { everyMs: REFRESH_MS });
  const [opened, setOpened] = useState<AuditEvent | null>(null);
  const empty = isSet(filter) ? (
    <Empty icon={<ScrollText />} title={auditLists.noEvent} action={<Button onClick={() => change({})}>{auditLists.clearFilters}</Button>} />
  ) : (
    <Empty icon={<ScrollText />} title={audit.noEventsYet} />
  );
  return (
    <>
      <AuditHead page="events" query={asQuery(filter)} />
      <Filters filter={filter} onChange={change} />
      {filter.about && <Named id={filter.about} onAll={() => change({ ...filter, about: undefined })} />}
      <Listing list={list} empty={empty}>
        {(rows) => <Table label={auditLists.events} columns={COLUMNS} rows={rows} rowKey={(event) => String(event.id)} onOpen={setOpened} />}
      </Listing>
      {opened && <EventDetails event={opened} onClose={() => setOpened(null)} />}
    </>
  );
}

export default function Page() {
  return <Suspense fallback={<SkeletonRows />}><EventsPage /></Suspense>;
}

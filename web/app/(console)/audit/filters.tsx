"use client";
import { auditLists } from "@/texts/audit-lists";
import { anywhere } from "@/texts/anywhere";
import { endings } from "@/texts/endings";
import { Button } from "@/ui/button";
import { Input, Select } from "@/ui/field";
import { Pick } from "../_components/pick";
import { isSet, type Filter } from "./filter";
import { backwards, useNames } from "./names";

/** What to see of the book. */
export function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const { users, targets, zones } = useNames();
  const set = (name: keyof Filter) => (event: { target: { value: string } }) => onChange({ ...filter, [name]: event.target.value });
  return (
    <form role="search" aria-label={auditLists.filter} onSubmit={(event) => event.preventDefault()} className="mb-4 grid grid-cols-2 items-start gap-3 md:grid-cols-3 xl:grid-cols-4">
      <Pick label={anywhere.user} list={users} text={(user) => user.name} nothing={auditLists.allUsers} value={filter.user_id ?? ""} onChange={set("user_id")} />
      <Pick label={anywhere.target} list={targets} text={(target) => target.name} nothing={auditLists.allTargets} value={filter.target_id ?? ""} onChange={set("target_id")} />
      <Pick label={anywhere.zone} list={zones} text={(zone) => zone.name} nothing={auditLists.allZones} value={filter.zone_id ?? ""} onChange={set("zone_id")} />
      <Select label={auditLists.status} value={filter.status ?? ""} onChange={set("status")}>
        <option value="">{auditLists.anyStatus}</option>
        {Object.entries(endings.status).map(([status, { word }]) => <option key={status} value={status}>{word}</option>)}
      </Select>
      <div className="order-last col-span-2 md:order-none md:col-span-1"><Input label={auditLists.from} type="datetime-local" value={filter.from ?? ""} onChange={set("from")} /></div>
      <div className="order-last col-span-2 md:order-none md:col-span-1"><Input label={auditLists.to} type="datetime-local" value={filter.to ?? ""} onChange={set("to")} error={backwards(filter)} /></div>
      <div className="pt-6">
        <Button look="quiet" className="h-9 sm:h-8" why={isSet(filter) ? null : auditLists.noFilter} onClick={() => onChange({})}>{auditLists.clear}</Button>
      </div>
    </form>
  );
}

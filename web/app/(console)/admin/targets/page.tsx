"use client";
import { MonitorCog, Plus } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useAction, useList } from "@/lib/api/hooks";
import type { Target } from "@/lib/api/schema";
import { routes } from "@/lib/routes";
import { machineAddress } from "@/lib/targets";
import { adminTargets } from "@/texts/admin-targets";
import { anywhere } from "@/texts/anywhere";
import { pages } from "@/texts/pages";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { PageHead } from "../../_components/page";
import { EnabledBadge, RowActions } from "../../_components/row-actions";
import { SearchListing } from "../../_components/search";
import { CreateTarget, EditTarget } from "./form";
import { HostKeys } from "./host-keys";
import { TestTarget } from "./test";

function Named({ target }: { target: Target }) {
  return (
    <>
      <Two main={<Link href={routes.targetStory(target.id)} className="hover:underline">{target.name}</Link>} more={target.description} />
      {target.offered_host_key && <div className="md:hidden"><HostKeys target={target} /></div>}
      {target.labels.length > 0 && (
        <ul aria-label={adminTargets.labelsOf(target.name)} className="mt-1 flex flex-wrap gap-1">
          {target.labels.map((label) => <li key={label}><Badge>{label}</Badge></li>)}
        </ul>
      )}
    </>
  );
}

function Actions({ target }: { target: Target }) {
  const change = useAction("PATCH /api/v1/admin/targets/{id}");
  const remove = useAction("DELETE /api/v1/admin/targets/{id}");
  const path = { id: target.id };
  return (
    <RowActions
      texts={adminTargets.changes}
      name={target.name}
      edit={(close) => <EditTarget target={target} onClose={close} />}
      look={{ label: adminTargets.test, show: (close) => <TestTarget target={target} onClose={close} /> }}
      state={{
        enabled: target.enabled,
        consequence: adminTargets.disabling,
        onSwitch: (enabled) => change.mutateAsync({ path, body: { enabled } }),
      }}
      deleting={adminTargets.deleting}
      onDelete={() => remove.mutateAsync({ path })}
    />
  );
}

const COLUMNS: Column<Target>[] = [
  { key: "name", head: anywhere.target, grow: true, cell: (target) => <Named target={target} /> },
  { key: "zone", head: anywhere.zone, wide: true, cell: (target) => <Link href={routes.zone(target.zone_id)} className="hover:underline">{target.zone}</Link> },
  { key: "address", head: anywhere.address, wide: true, cell: (target) => <Two main={<span className="font-mono text-xs font-normal">{machineAddress(target)}</span>} more={target.protocol.toUpperCase()} /> },
  { key: "keys", head: adminTargets.hostKey, wide: true, cell: (target) => <HostKeys target={target} /> },
  { key: "enabled", head: anywhere.state, cell: (target) => <EnabledBadge enabled={target.enabled} /> },
  { key: "actions", head: "", right: true, cell: (target) => <Actions target={target} /> },
];

export default function AdminTargetsPage() {
  const list = useList("GET /api/v1/admin/targets", {});
  const [creating, setCreating] = useState(false);
  const create = <Button look="primary" onClick={() => setCreating(true)}><Plus className="size-4" aria-hidden />{adminTargets.create}</Button>;
  return (
    <>
      <PageHead title={pages.targets} about={adminTargets.about}>{create}</PageHead>
      <SearchListing
        list={list}
        label={anywhere.searchTargets}
        words={(target) => [target.name, target.zone, machineAddress(target), target.description, ...target.labels]}
        empty={<Empty icon={<MonitorCog />} title={adminTargets.none} action={create}>{adminTargets.noneAbout}</Empty>}
      >
        {(rows) => <Table label={pages.targets} columns={COLUMNS} rows={rows} rowKey={(target) => target.id} faded={(target) => !target.enabled} />}
      </SearchListing>
      {creating && <CreateTarget onClose={() => setCreating(false)} />}
    </>
  );
}

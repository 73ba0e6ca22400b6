"use client";
import { MonitorCog, Plus } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useAction, useList } from "@/lib/api/hooks";
import type { Target } from "@/lib/api/schema";
import { routes } from "@/lib/routes";
import { machineAddress } from "@/lib/targets";
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
        <ul aria-label={`Labels of ${target.name}`} className="mt-1 flex flex-wrap gap-1">
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
      what="Target"
      name={target.name}
      edit={(close) => <EditTarget target={target} onClose={close} />}
      look={{ label: "Test connection", show: (close) => <TestTarget target={target} onClose={close} /> }}
      state={{
        enabled: target.enabled,
        consequence: "Sessions on it end, and nobody can open it until it is enabled again. Its grants and credentials stay.",
        onSwitch: (enabled) => change.mutateAsync({ path, body: { enabled } }),
      }}
      deleting="Sessions on it end, its credentials are deleted with their secrets, and its grants. What was done on it stays in the audit, and so do its recordings."
      onDelete={() => remove.mutateAsync({ path })}
    />
  );
}

const COLUMNS: Column<Target>[] = [
  { key: "name", head: "Target", grow: true, cell: (target) => <Named target={target} /> },
  { key: "zone", head: "Zone", wide: true, cell: (target) => <Link href={routes.zone(target.zone_id)} className="hover:underline">{target.zone}</Link> },
  { key: "address", head: "Address", wide: true, cell: (target) => <Two main={<span className="font-mono text-xs font-normal">{machineAddress(target)}</span>} more={target.protocol.toUpperCase()} /> },
  { key: "keys", head: "Host key", wide: true, cell: (target) => <HostKeys target={target} /> },
  { key: "enabled", head: "State", cell: (target) => <EnabledBadge enabled={target.enabled} /> },
  { key: "actions", head: "", right: true, cell: (target) => <Actions target={target} /> },
];

export default function AdminTargetsPage() {
  const list = useList("GET /api/v1/admin/targets", {});
  const [creating, setCreating] = useState(false);
  const create = <Button look="primary" onClick={() => setCreating(true)}><Plus className="size-4" aria-hidden />Create target</Button>;
  return (
    <>
      <PageHead title="Targets" about="Machines that people open. Each needs a credential and a grant to be opened.">{create}</PageHead>
      <SearchListing
        list={list}
        label="Search targets"
        words={(target) => [target.name, target.zone, machineAddress(target), target.description, ...target.labels]}
        empty={<Empty icon={<MonitorCog />} title="No targets yet" action={create}>Name a machine as its site knows it: the satellite there connects to it.</Empty>}
      >
        {(rows) => <Table label="Targets" columns={COLUMNS} rows={rows} rowKey={(target) => target.id} faded={(target) => !target.enabled} />}
      </SearchListing>
      {creating && <CreateTarget onClose={() => setCreating(false)} />}
    </>
  );
}

"use client";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { useAction, useList } from "@/lib/api/hooks";
import type { Credential } from "@/lib/api/schema";
import { anywhere } from "@/texts/anywhere";
import { credentials } from "@/texts/credentials";
import { pages } from "@/texts/pages";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { PageHead, Time } from "../../_components/page";
import { EnabledBadge, RowActions } from "../../_components/row-actions";
import { SearchListing } from "../../_components/search";
import { CreateCredential, EditCredential } from "./form";

function Actions({ credential }: { credential: Credential }) {
  const change = useAction("PATCH /api/v1/admin/credentials/{id}");
  const remove = useAction("DELETE /api/v1/admin/credentials/{id}");
  const path = { id: credential.id };
  return (
    <RowActions
      texts={credentials.changes}
      name={credentials.one(credential.username, credential.target)}
      edit={(close) => <EditCredential credential={credential} onClose={close} />}
      state={{
        enabled: credential.enabled,
        consequence: credentials.disabling,
        onSwitch: (enabled) => change.mutateAsync({ path, body: { enabled } }),
      }}
      deleting={credentials.deleting}
      onDelete={() => remove.mutateAsync({ path })}
    />
  );
}

const COLUMNS: Column<Credential>[] = [
  { key: "username", head: anywhere.account, grow: true, cell: (row) => <Two main={row.username} more={row.description} /> },
  { key: "target", head: anywhere.target, cell: (row) => row.target },
  { key: "kind", head: anywhere.kind, wide: true, cell: (row) => credentials.kinds[row.kind] },
  { key: "path", head: credentials.keptAt, wider: true, cell: (row) => <span className="block max-w-64 truncate font-mono text-xs text-muted" title={row.vault_secret_path}>{row.vault_secret_path}</span> },
  { key: "created", head: anywhere.created, wide: true, cell: (row) => <Time value={row.created_at} /> },
  { key: "enabled", head: anywhere.state, wide: true, cell: (row) => <EnabledBadge enabled={row.enabled} /> },
  { key: "actions", head: "", right: true, cell: (row) => <Actions credential={row} /> },
];

export default function CredentialsPage() {
  const list = useList("GET /api/v1/admin/credentials", {});
  const [creating, setCreating] = useState(false);
  const create = <Button look="primary" onClick={() => setCreating(true)}><Plus className="size-4" aria-hidden />{credentials.create}</Button>;
  return (
    <>
      <PageHead title={pages.credentials} about={credentials.about}>{create}</PageHead>
      <SearchListing
        list={list}
        label={credentials.search}
        words={(row) => [row.username, row.target, credentials.kinds[row.kind], row.description]}
        empty={<Empty icon={<KeyRound />} title={credentials.none} action={create}>{credentials.noneAbout}</Empty>}
      >
        {(rows) => <Table label={pages.credentials} columns={COLUMNS} rows={rows} rowKey={(row) => row.id} faded={(row) => !row.enabled} />}
      </SearchListing>
      {creating && <CreateCredential onClose={() => setCreating(false)} />}
    </>
  );
}

"use client";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { useAction, useList } from "@/lib/api/hooks";
import type { Credential, CredentialKind } from "@/lib/api/schema";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { PageHead, Time } from "../../_components/page";
import { EnabledBadge, RowActions } from "../../_components/row-actions";
import { SearchListing } from "../../_components/search";
import { CreateCredential, EditCredential } from "./form";

const KINDS: Record<CredentialKind, string> = { password: "Password", private_key: "Private key" };

function Actions({ credential }: { credential: Credential }) {
  const change = useAction("PATCH /api/v1/admin/credentials/{id}");
  const remove = useAction("DELETE /api/v1/admin/credentials/{id}");
  const path = { id: credential.id };
  return (
    <RowActions
      what="Credential"
      name={`${credential.username} on ${credential.target}`}
      edit={(close) => <EditCredential credential={credential} onClose={close} />}
      state={{
        enabled: credential.enabled,
        consequence: "Sessions that use it end, and nobody can open the target with it until it is enabled again. The secret stays.",
        onSwitch: (enabled) => change.mutateAsync({ path, body: { enabled } }),
      }}
      deleting="Sessions that use it end, and its secret is deleted. The account on the target stays as it is."
      onDelete={() => remove.mutateAsync({ path })}
    />
  );
}

const COLUMNS: Column<Credential>[] = [
  { key: "username", head: "Account", grow: true, cell: (row) => <Two main={row.username} more={row.description} /> },
  { key: "target", head: "Target", cell: (row) => row.target },
  { key: "kind", head: "Kind", wide: true, cell: (row) => KINDS[row.kind] },
  { key: "path", head: "Secret kept at", wider: true, cell: (row) => <span className="block max-w-64 truncate font-mono text-xs text-muted" title={row.vault_secret_path}>{row.vault_secret_path}</span> },
  { key: "created", head: "Created", wide: true, cell: (row) => <Time value={row.created_at} /> },
  { key: "enabled", head: "State", wide: true, cell: (row) => <EnabledBadge enabled={row.enabled} /> },
  { key: "actions", head: "", right: true, cell: (row) => <Actions credential={row} /> },
];

export default function CredentialsPage() {
  const list = useList("GET /api/v1/admin/credentials", {});
  const [creating, setCreating] = useState(false);
  const create = <Button look="primary" onClick={() => setCreating(true)}><Plus className="size-4" aria-hidden />Create credential</Button>;
  return (
    <>
      <PageHead title="Credentials" about="Accounts on targets. A secret goes in here and is never shown again.">{create}</PageHead>
      <SearchListing
        list={list}
        label="Search credentials"
        words={(row) => [row.username, row.target, KINDS[row.kind], row.description]}
        empty={<Empty icon={<KeyRound />} title="No credentials yet" action={create}>A target can be opened once it has an account to sign in with.</Empty>}
      >
        {(rows) => <Table label="Credentials" columns={COLUMNS} rows={rows} rowKey={(row) => row.id} faded={(row) => !row.enabled} />}
      </SearchListing>
      {creating && <CreateCredential onClose={() => setCreating(false)} />}
    </>
  );
}

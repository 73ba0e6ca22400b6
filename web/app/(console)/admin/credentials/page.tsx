"use client";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { useAction, useList } from "@/lib/api/hooks";
import type { Credential, CredentialKind } from "@/lib/api/schema";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { EnableButton, EnabledBadge } from "../../_components/enable";
import { PageHead, Time } from "../../_components/page";
import { SearchListing } from "../../_components/search";
import { CreateCredential } from "./create";

const KINDS: Record<CredentialKind, string> = { password: "Password", private_key: "Private key" };

function Switch({ credential }: { credential: Credential }) {
  const change = useAction("PATCH /api/v1/admin/credentials/{id}");
  return (
    <EnableButton
      what="Credential"
      name={`${credential.username} on ${credential.target}`}
      enabled={credential.enabled}
      consequence="Sessions that use it end, and nobody can open the target with it until it is enabled again. The secret stays."
      onSwitch={(enabled) => change.mutateAsync({ path: { id: credential.id }, body: { enabled } })}
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
  { key: "switch", head: "", right: true, cell: (row) => <Switch credential={row} /> },
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

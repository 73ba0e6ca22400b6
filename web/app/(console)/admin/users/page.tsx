"use client";
import { Plus, UserRound } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { isLocal } from "@/lib/accounts";
import { useAction, useList, useMe } from "@/lib/api/hooks";
import type { Role, User } from "@/lib/api/schema";
import { endedWords } from "@/lib/endings";
import { routes } from "@/lib/routes";
import { roles } from "@/texts/roles";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { PageHead, Time } from "../../_components/page";
import { EnabledBadge, RowActions } from "../../_components/row-actions";
import { SearchListing } from "../../_components/search";
import { CreateUser, EditUser } from "./form";

const TONES: Record<Role, Tone> = { admin: "info", auditor: "warn", user: "none" };

function Actions({ user }: { user: User }) {
  const { data: me } = useMe();
  const change = useAction("PATCH /api/v1/admin/users/{id}");
  const remove = useAction("DELETE /api/v1/admin/users/{id}");
  const endAll = useAction("POST /api/v1/admin/users/{id}/end-sessions");
  const path = { id: user.id };
  return (
    <RowActions
      what="User"
      name={user.username}
      edit={(close) => <EditUser user={user} onClose={close} />}
      state={{
        enabled: user.enabled,
        consequence: "They are signed out everywhere at once and their sessions end. What they did stays in the books.",
        onSwitch: (enabled) => change.mutateAsync({ path, body: { enabled } }),
      }}
      more={{
        label: "End all sessions",
        title: `End all sessions of ${user.username}?`,
        consequence: "Whatever runs in them is ended. They may open new ones: to prevent that, disable the account.",
        action: "End all",
        onDo: async () => endedWords(await endAll.mutateAsync({ path })),
      }}
      deleting="They are signed out everywhere at once, their sessions end, and their grants and memberships are deleted. What they did stays in the audit."
      onDelete={() => remove.mutateAsync({ path })}
      why={me?.id === user.id ? "This is your own account" : null}
    />
  );
}

const COLUMNS: Column<User>[] = [
  { key: "username", head: "User", grow: true, cell: (user) => <Two main={<Link href={routes.person(user.id)} className="hover:underline">{user.display_name ?? user.username}</Link>} more={user.display_name ? user.username : null} /> },
  { key: "email", head: "Mail", wider: true, cell: (user) => user.email ?? <span className="text-faint">–</span> },
  { key: "role", head: "Role", cell: (user) => <Badge tone={TONES[user.role]} title={roles[user.role].about}>{roles[user.role].word}</Badge> },
  { key: "account", head: "Account", wider: true, cell: (user) => <span title={user.entra_id}>{isLocal(user) ? "Local" : "Directory"}</span> },
  { key: "login", head: "Last sign-in", wide: true, cell: (user) => (user.last_login_at ? <Time value={user.last_login_at} ago /> : <span className="text-faint">Never</span>) },
  { key: "enabled", head: "State", wide: true, cell: (user) => <EnabledBadge enabled={user.enabled} /> },
  { key: "actions", head: "", right: true, cell: (user) => <Actions user={user} /> },
];

export default function UsersPage() {
  const list = useList("GET /api/v1/admin/users", {});
  const [creating, setCreating] = useState(false);
  const create = <Button look="primary" onClick={() => setCreating(true)}><Plus className="size-4" aria-hidden />Create user</Button>;
  return (
    <>
      <PageHead title="Users" about="Who may sign in, and as what. What they may open is said by grants.">{create}</PageHead>
      <SearchListing
        list={list}
        label="Search users"
        words={(user) => [user.username, user.display_name, user.email, roles[user.role].word]}
        empty={<Empty icon={<UserRound />} title="No users yet" action={create} />}
      >
        {(rows) => <Table label="Users" columns={COLUMNS} rows={rows} rowKey={(user) => user.id} faded={(user) => !user.enabled} />}
      </SearchListing>
      {creating && <CreateUser onClose={() => setCreating(false)} />}
    </>
  );
}

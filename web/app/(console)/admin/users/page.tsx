"use client";
import { Plus, UserRound } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { isLocal } from "@/lib/accounts";
import { useAction, useList, useMe } from "@/lib/api/hooks";
import type { Role, User } from "@/lib/api/schema";
import { endedWords } from "@/lib/endings";
import { routes } from "@/lib/routes";
import { anywhere } from "@/texts/anywhere";
import { endingAll } from "@/texts/ending-all";
import { pages } from "@/texts/pages";
import { roles } from "@/texts/roles";
import { users } from "@/texts/users";
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
      texts={users.changes}
      name={user.username}
      edit={(close) => <EditUser user={user} onClose={close} />}
      state={{
        enabled: user.enabled,
        consequence: users.disabling,
        onSwitch: (enabled) => change.mutateAsync({ path, body: { enabled } }),
      }}
      more={{
        label: endingAll.label,
        title: users.endAllAsked(user.username),
        consequence: users.endingAll,
        action: endingAll.act,
        onDo: async () => endedWords(await endAll.mutateAsync({ path })),
      }}
      deleting={users.deleting}
      onDelete={() => remove.mutateAsync({ path })}
      why={me?.id === user.id ? users.own : null}
    />
  );
}

const COLUMNS: Column<User>[] = [
  { key: "username", head: anywhere.user, grow: true, cell: (user) => <Two main={<Link href={routes.person(user.id)} className="hover:underline">{user.display_name ?? user.username}</Link>} more={user.display_name ? user.username : null} /> },
  { key: "email", head: users.mail, wider: true, cell: (user) => user.email ?? <span className="text-faint">–</span> },
  { key: "role", head: anywhere.role, cell: (user) => <Badge tone={TONES[user.role]} title={roles[user.role].about}>{roles[user.role].word}</Badge> },
  { key: "account", head: anywhere.account, wider: true, cell: (user) => <span title={user.entra_id}>{isLocal(user) ? users.local : users.directory}</span> },
  { key: "login", head: anywhere.lastSignIn, wide: true, cell: (user) => (user.last_login_at ? <Time value={user.last_login_at} ago /> : <span className="text-faint">{anywhere.never}</span>) },
  { key: "enabled", head: anywhere.state, wide: true, cell: (user) => <EnabledBadge enabled={user.enabled} /> },
  { key: "actions", head: "", right: true, cell: (user) => <Actions user={user} /> },
];

export default function UsersPage() {
  const list = useList("GET /api/v1/admin/users", {});
  const [creating, setCreating] = useState(false);
  const create = <Button look="primary" onClick={() => setCreating(true)}><Plus className="size-4" aria-hidden />{users.create}</Button>;
  return (
    <>
      <PageHead title={pages.users} about={users.about}>{create}</PageHead>
      <SearchListing
        list={list}
        label={users.search}
        words={(user) => [user.username, user.display_name, user.email, roles[user.role].word]}
        empty={<Empty icon={<UserRound />} title={users.none} action={create} />}
      >
        {(rows) => <Table label={pages.users} columns={COLUMNS} rows={rows} rowKey={(user) => user.id} faded={(user) => !user.enabled} />}
      </SearchListing>
      {creating && <CreateUser onClose={() => setCreating(false)} />}
    </>
  );
}

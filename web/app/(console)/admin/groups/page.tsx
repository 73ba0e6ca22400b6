"use client";
import { Group as GroupIcon, Plus } from "lucide-react";
import { useState } from "react";
import { useAction, useList, useWholeList } from "@/lib/api/hooks";
import type { Group } from "@/lib/api/schema";
import { anywhere } from "@/texts/anywhere";
import { groups } from "@/texts/groups";
import { pages } from "@/texts/pages";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { PageHead, Time } from "../../_components/page";
import { RowActions } from "../../_components/row-actions";
import { SearchListing } from "../../_components/search";
import { CreateGroup, EditGroup } from "./form";
import { Members } from "./members";

const NAMES_SHOWN = 4;

/** The first few by name, and how many more. */
function summary(names: string[]): string {
  if (names.length === 0) return groups.nobody;
  const more = names.length - NAMES_SHOWN;
  const first = names.slice(0, NAMES_SHOWN).join(", ");
  return more > 0 ? anywhere.andMore(first, more) : first;
}

function Actions({ group, onMembers }: { group: Group; onMembers: () => void }) {
  const remove = useAction("DELETE /api/v1/admin/groups/{id}");
  return (
    <div className="inline-flex items-center gap-1">
      <Button small aria-label={groups.membersOf(group.name)} onClick={onMembers}>{groups.members}</Button>
      <RowActions
        texts={groups.changes}
        name={group.name}
        edit={(close) => <EditGroup group={group} onClose={close} />}
        deleting={groups.deleting}
        onDelete={() => remove.mutateAsync({ path: { id: group.id } })}
      />
    </div>
  );
}

export default function GroupsPage() {
  const list = useList("GET /api/v1/admin/groups", {});
  const users = useWholeList("GET /api/v1/admin/users");
  // Creating leads on to the members; the focus then goes back to the button that began it.
  const [creator, setCreator] = useState<HTMLElement | null>(null);
  const [opened, setOpened] = useState<{ id: string; from?: HTMLElement } | null>(null);
  const names = new Map(users.rows?.map((user) => [user.id, user.username]));
  const members = (group: Group) => group.members.flatMap((id) => names.get(id) ?? []).sort((a, b) => a.localeCompare(b));
  const columns: Column<Group>[] = [
    { key: "name", head: anywhere.group, grow: true, cell: (group) => <Two main={group.name} more={group.description} /> },
    { key: "count", head: groups.members, right: true, cell: (group) => group.members.length },
    { key: "members", head: anywhere.who, wide: true, grow: true, cell: (group) => <span className="text-muted">{users.complete ? summary(members(group)) : "…"}</span> },
    { key: "created", head: anywhere.created, wider: true, cell: (group) => <Time value={group.created_at} /> },
    { key: "actions", head: "", right: true, cell: (group) => <Actions group={group} onMembers={() => setOpened({ id: group.id })} /> },
  ];
  const create = <Button look="primary" onClick={(event) => setCreator(event.currentTarget)}><Plus className="size-4" aria-hidden />{groups.create}</Button>;
  const group = list.rows?.find((row) => row.id === opened?.id);
  return (
    <>
      <PageHead title={pages.groups} about={groups.about}>{create}</PageHead>
      <SearchListing
        list={list}
        label={groups.search}
        words={(row) => [row.name, row.description, ...members(row)]}
        empty={<Empty icon={<GroupIcon />} title={groups.none} action={create}>{groups.noneAbout}</Empty>}
      >
        {(rows) => <Table label={pages.groups} columns={columns} rows={rows} rowKey={(row) => row.id} onOpen={(row) => setOpened({ id: row.id })} />}
      </SearchListing>
      {creator && <CreateGroup onCreated={(id) => setOpened({ id, from: creator })} onClose={() => setCreator(null)} />}
      {group && <Members group={group} users={users} from={opened?.from} onClose={() => setOpened(null)} />}
    </>
  );
}

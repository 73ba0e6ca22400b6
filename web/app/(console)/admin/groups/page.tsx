"use client";
import { Group as GroupIcon, Plus } from "lucide-react";
import { useState } from "react";
import { useAction, useList, useWholeList } from "@/lib/api/hooks";
import type { Group } from "@/lib/api/schema";
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
  if (names.length === 0) return "Nobody yet";
  const more = names.length - NAMES_SHOWN;
  const first = names.slice(0, NAMES_SHOWN).join(", ");
  return more > 0 ? `${first} and ${more} more` : first;
}

function Actions({ group, onMembers }: { group: Group; onMembers: () => void }) {
  const remove = useAction("DELETE /api/v1/admin/groups/{id}");
  return (
    <div className="inline-flex items-center gap-1">
      <Button small aria-label={`Members of ${group.name}`} onClick={onMembers}>Members</Button>
      <RowActions
        what="Group"
        name={group.name}
        edit={(close) => <EditGroup group={group} onClose={close} />}
        deleting="Its members lose its grants at once; sessions that stood on these alone end. The users stay."
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
    { key: "name", head: "Group", grow: true, cell: (group) => <Two main={group.name} more={group.description} /> },
    { key: "count", head: "Members", right: true, cell: (group) => group.members.length },
    { key: "members", head: "Who", wide: true, grow: true, cell: (group) => <span className="text-muted">{users.complete ? summary(members(group)) : "…"}</span> },
    { key: "created", head: "Created", wider: true, cell: (group) => <Time value={group.created_at} /> },
    { key: "actions", head: "", right: true, cell: (group) => <Actions group={group} onMembers={() => setOpened({ id: group.id })} /> },
  ];
  const create = <Button look="primary" onClick={(event) => setCreator(event.currentTarget)}><Plus className="size-4" aria-hidden />Create group</Button>;
  const group = list.rows?.find((row) => row.id === opened?.id);
  return (
    <>
      <PageHead title="Groups" about="Users who get the same grants.">{create}</PageHead>
      <SearchListing
        list={list}
        label="Search groups"
        words={(row) => [row.name, row.description, ...members(row)]}
        empty={<Empty icon={<GroupIcon />} title="No groups yet" action={create}>Put users together who open the same targets, and grant to the group.</Empty>}
      >
        {(rows) => <Table label="Groups" columns={columns} rows={rows} rowKey={(row) => row.id} onOpen={(row) => setOpened({ id: row.id })} />}
      </SearchListing>
      {creator && <CreateGroup onCreated={(id) => setOpened({ id, from: creator })} onClose={() => setCreator(null)} />}
      {group && <Members group={group} users={users} from={opened?.from} onClose={() => setOpened(null)} />}
    </>
  );
}

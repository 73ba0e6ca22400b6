"use client";
import { UserMinus } from "lucide-react";
import { useState, type FormEvent } from "react";
import { sentence } from "@/lib/api/client";
import { useAction } from "@/lib/api/hooks";
import type { Group, User } from "@/lib/api/schema";
import { changes } from "@/texts/changes";
import { groups } from "@/texts/groups";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Confirm, Dialog } from "@/ui/dialog";
import { useToast } from "@/ui/toast";
import { Pick } from "../../_components/pick";

interface Users {
  rows: User[] | undefined;
  error: Error | null;
  complete: boolean;
}

const shownName = (user: User): string => (user.display_name ? groups.person(user.username, user.display_name) : user.username);

function AddMember({ group, users }: { group: Group; users: Users }) {
  const add = useAction("PUT /api/v1/admin/groups/{id}/members/{user_id}");
  const [chosen, setChosen] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const say = useToast();
  const others = users.rows?.filter((user) => !group.members.includes(user.id));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setFailure(null);
    try {
      await add.mutateAsync({ path: { id: group.id, user_id: chosen } });
      const name = users.rows?.find((user) => user.id === chosen)?.username ?? groups.theUser;
      say(groups.isAdded(name, group.name));
      setChosen("");
    } catch (error) {
      setFailure(sentence(error));
    }
  };
  const why = others?.length === 0 && users.complete ? groups.everyUserWhy : chosen === "" ? groups.chooseFirst : null;
  return (
    <form onSubmit={submit} className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-2">
      <Pick
        label={groups.userToAdd}
        hideLabel
        list={{ ...users, rows: others }}
        text={shownName}
        nothing={groups.chooseUser}
        none={groups.everyUser}
        value={chosen}
        onChange={(event) => setChosen(event.target.value)}
        problem={failure}
      />
      <Button type="submit" className="h-9 sm:h-8" busy={add.isPending} why={why}>{groups.add}</Button>
    </form>
  );
}

function Member({ group, user, onRemove }: { group: Group; user: User; onRemove: () => void }) {
  return (
    <li className="flex items-center justify-between gap-3 border-b border-line py-1 last:border-0">
      <span className="min-w-0 truncate">{shownName(user)}{!user.enabled && <span className="ml-2"><Badge>{changes.disabled}</Badge></span>}</span>
      <IconButton label={groups.removeFrom(user.username, group.name)} onClick={onRemove}><UserMinus className="size-4" aria-hidden /></IconButton>
    </li>
  );
}

interface Props {
  group: Group;
  users: Users;
  /** Gets the focus back, if not what had it when this opened. */
  from?: HTMLElement;
  onClose: () => void;
}

/** Who is in a group; adding and removing takes effect at once. */
export function Members({ group, users, from, onClose }: Props) {
  const remove = useAction("DELETE /api/v1/admin/groups/{id}/members/{user_id}");
  const [leaving, setLeaving] = useState<User | null>(null);
  const [asking, setAsking] = useState(false);
  const say = useToast();
  const members = (users.rows ?? []).filter((user) => group.members.includes(user.id));
  members.sort((a, b) => a.username.localeCompare(b.username));
  const ask = (user: User) => {
    setLeaving(user);
    setAsking(true);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={groups.membersOf(group.name)} description={group.description ?? undefined} returnFocus={from && (() => from.focus())}>
      <AddMember group={group} users={users} />
      {group.members.length === 0 ? (
        <p className="mt-4 text-muted">{groups.noMembers}</p>
      ) : (
        <ul aria-label={groups.members} className="mt-4 max-h-80 overflow-y-auto">
          {members.map((user) => <Member key={user.id} group={group} user={user} onRemove={() => ask(user)} />)}
        </ul>
      )}
      {leaving && (
        <Confirm
          open={asking}
          onOpenChange={setAsking}
          title={groups.removeAsked(leaving.username, group.name)}
          consequence={groups.removing}
          action={groups.remove}
          onConfirm={async () => {
            await remove.mutateAsync({ path: { id: group.id, user_id: leaving.id } });
            say(groups.isRemoved(leaving.username, group.name));
          }}
          explain={sentence}
        />
      )}
    </Dialog>
  );
}

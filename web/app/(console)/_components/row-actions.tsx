"use client";
/** What can be done with one thing that is kept: edit, disable or enable, delete, and what is its own. Asks before what ends sessions. */
import { Ellipsis } from "lucide-react";
import { useRef, useState, type ReactNode } from "react";
import { sentence } from "@/lib/api/client";
import { changes, type Changes } from "@/texts/changes";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Confirm, DialogOpener } from "@/ui/dialog";
import { Menu, type MenuItem } from "@/ui/menu";
import { useToast } from "@/ui/toast";

interface Props {
  texts: Changes;
  name: string;
  /** The form that edits it, while it is open. */
  edit: (close: () => void) => ReactNode;
  /** Where it can be disabled. */
  state?: {
    enabled: boolean;
    /** What follows from disabling it. */
    consequence: ReactNode;
    onSwitch: (enabled: boolean) => Promise<unknown>;
  };
  /** What can be done with things of this kind alone. */
  more?: {
    label: string;
    title: string;
    consequence: ReactNode;
    action: string;
    /** Does it, and says what came of it. */
    onDo: () => Promise<string>;
  };
  /** What can be looked at, in a dialog of its own. */
  look?: { label: string; show: (close: () => void) => ReactNode };
  /** What follows from deleting it. */
  deleting: ReactNode;
  onDelete: () => Promise<unknown>;
  /** Why it can only be edited. */
  why?: string | null;
  /** In words, where there is room. */
  roomy?: boolean;
}

type Asked = "edit" | "look" | "more" | "disable" | "delete";

export function RowActions({ texts, name, edit, state, look, more, deleting, onDelete, why, roomy }: Props) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  const say = useToast();
  const close = () => setAsked(null);
  const enable = async () => {
    try {
      await state?.onSwitch(true);
      say(texts.isEnabled(name));
    } catch (error) {
      say(sentence(error), { bad: true });
    }
  };
  const items: MenuItem[] = [{ label: changes.edit, onSelect: () => setAsked("edit") }];
  if (look) items.push({ label: look.label, onSelect: () => setAsked("look") });
  if (more) items.push({ label: more.label, onSelect: () => setAsked("more") });
  if (state?.enabled) items.push({ label: changes.disableAsking, onSelect: () => setAsked("disable"), why });
  else if (state) items.push({ label: changes.enable, onSelect: () => void enable(), why });
  items.push({ label: changes.deleteAsking, danger: true, onSelect: () => setAsked("delete"), why });
  const label = changes.changeOne(name);
  return (
    <DialogOpener value={trigger}>
      <Menu
        label={label}
        trigger={roomy ? <Button ref={trigger}>{changes.change}</Button> : <IconButton ref={trigger} label={label}><Ellipsis className="size-4" aria-hidden /></IconButton>}
        items={items}
      />
      {asked === "edit" && edit(close)}
      {asked === "look" && look?.show(close)}
      {more && (
        <Confirm
          open={asked === "more"}
          onOpenChange={(open) => !open && close()}
          title={more.title}
          consequence={more.consequence}
          action={more.action}
          onConfirm={async () => say(await more.onDo())}
          explain={sentence}
        />
      )}
      {state && (
        <Confirm
          open={asked === "disable"}
          onOpenChange={(open) => !open && close()}
          title={texts.disableAsked(name)}
          consequence={state.consequence}
          action={changes.disable}
          onConfirm={async () => {
            await state.onSwitch(false);
            say(texts.isDisabled(name));
          }}
          explain={sentence}
        />
      )}
      <Confirm
        open={asked === "delete"}
        onOpenChange={(open) => !open && close()}
        title={texts.deleteAsked(name)}
        consequence={deleting}
        action={changes.delete}
        onConfirm={async () => {
          await onDelete();
          say(texts.isDeleted(name));
        }}
        explain={sentence}
      />
    </DialogOpener>
  );
}

export function EnabledBadge({ enabled }: { enabled: boolean }) {
  return <Badge tone={enabled ? "ok" : "none"} dot>{enabled ? changes.enabled : changes.disabled}</Badge>;
}

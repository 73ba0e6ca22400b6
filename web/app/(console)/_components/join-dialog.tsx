"use client";
import { CircleAlert, CircleCheck } from "lucide-react";
import type { ShownToken, TokenState, Zone } from "@/lib/api/schema";
import { tokens } from "@/texts/tokens";
import { Button } from "@/ui/button";
import { CodeCopy } from "@/ui/code-copy";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { Time } from "./page";

/** The token goes in by standard input: as an argument every user of that machine could read it. */
const joinCommand = (token: string): string => `echo '${token}' | openpam-satellite join -`;

function Progress({ shown, state, online }: { shown: ShownToken; state: TokenState; online: boolean }) {
  switch (state) {
    case "used":
      return (
        <>
          <CircleCheck className="size-4 shrink-0 text-ok" aria-hidden />
          <span>{online ? tokens.online : tokens.joined}</span>
        </>
      );
    case "expired":
    case "revoked":
      return (
        <>
          <CircleAlert className="size-4 shrink-0 text-bad" aria-hidden />
          <span>{tokens[state]}</span>
        </>
      );
    case "unused":
      return (
        <>
          <span aria-hidden className="size-3.5 shrink-0 animate-spin rounded-full border-2 border-current border-r-transparent" />
          <span>{tokens.waiting(<Time value={shown.expires_at} ago />)}</span>
        </>
      );
  }
}

interface Props {
  shown: ShownToken;
  state: TokenState;
  zone: Zone;
  /** Gets the focus back. */
  from: HTMLElement;
  onClose: () => void;
}

/** The one time a token is shown: what to run at the site, and whether it has been. */
export function JoinDialog({ shown, state, zone, from, onClose }: Props) {
  const joined = state === "used";
  return (
    <Dialog
      open
      wide
      sticky
      returnFocus={() => from.focus()}
      onOpenChange={(open) => !open && onClose()}
      title={tokens.join(zone.name)}
      description={tokens.joinAbout}
    >
      <div className="space-y-4">
        <CodeCopy label={tokens.joinCommand} text={joinCommand(shown.token)} />
        <CodeCopy label={tokens.startCommand} text="openpam-satellite run" />
        <div role="status" className="flex min-h-5 items-center gap-2 text-muted">
          <Progress shown={shown} state={state} online={zone.satellite?.state === "online"} />
        </div>
      </div>
      <DialogButtons>
        <Button look={joined ? "primary" : "plain"} onClick={onClose}>{tokens.done}</Button>
      </DialogButtons>
    </Dialog>
  );
}

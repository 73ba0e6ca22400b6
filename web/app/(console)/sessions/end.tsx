"use client";
import { useState } from "react";
import { sentence } from "@/lib/api/client";
import { useAction } from "@/lib/api/hooks";
import { useNowOrLater, useOrderForSession } from "@/lib/api/orders";
import type { Session } from "@/lib/api/schema";
import { anywhere } from "@/texts/anywhere";
import { commands } from "@/texts/commands";
import { sessions } from "@/texts/sessions";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { useToast } from "@/ui/toast";

interface Props {
  session: Session;
  own: boolean;
  /** Where the site is away it can be ordered to do it later. */
  mayOrder: boolean;
}

/** Ends one's own session, or as an administrator anybody's, after asking. */
export function EndSession({ session, own, mayOrder }: Props) {
  const [asking, setAsking] = useState(false);
  const end = useAction("DELETE /api/v1/sessions/{id}");
  const order = useOrderForSession();
  const say = useToast();
  const what = own ? sessions.endOwn(session.target) : sessions.endOthers(session.user, session.target);
  const endNow = async () => {
    await end.mutateAsync({ path: { id: session.id } });
    say(sessions.isEnded(session.target));
  };
  const endLater = async () => {
    await order("end", session);
    say(commands.endOrdered(session.target, session.zone));
  };
  const { isLater, act, forget } = useNowOrLater(endNow, mayOrder ? endLater : null);
  const open = (asks: boolean) => {
    setAsking(asks);
    forget();
  };
  return (
    <>
      <Button small look="danger" aria-label={what} onClick={() => open(true)}>{sessions.end}</Button>
      <Confirm
        open={asking}
        onOpenChange={open}
        title={sessions.asked(what)}
        consequence={isLater ? commands.endLaterAbout : sessions.endAbout}
        action={isLater ? commands.endLater : anywhere.endSession}
        onConfirm={act}
        explain={sentence}
      />
    </>
  );
}

"use client";
import { useState } from "react";
import { sentence } from "@/lib/api/client";
import { useAction } from "@/lib/api/hooks";
import type { Session } from "@/lib/api/schema";
import { anywhere } from "@/texts/anywhere";
import { sessions } from "@/texts/sessions";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { useToast } from "@/ui/toast";

/** Ends one's own session, or as an administrator anybody's, after asking. */
export function EndSession({ session, own }: { session: Session; own: boolean }) {
  const [asking, setAsking] = useState(false);
  const end = useAction("DELETE /api/v1/sessions/{id}");
  const say = useToast();
  const what = own ? sessions.endOwn(session.target) : sessions.endOthers(session.user, session.target);
  return (
    <>
      <Button small look="danger" aria-label={what} onClick={() => setAsking(true)}>{sessions.end}</Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={sessions.asked(what)}
        consequence={sessions.endAbout}
        action={anywhere.endSession}
        onConfirm={async () => {
          await end.mutateAsync({ path: { id: session.id } });
          say(sessions.isEnded(session.target));
        }}
        explain={sentence}
      />
    </>
  );
}

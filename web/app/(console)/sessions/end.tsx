"use client";
import { useState } from "react";
import { sentence } from "@/lib/api/client";
import { useAction } from "@/lib/api/hooks";
import type { Session } from "@/lib/api/schema";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { useToast } from "@/ui/toast";

/** Ends one's own session, or as an administrator anybody's, after asking. */
export function EndSession({ session, own }: { session: Session; own: boolean }) {
  const [asking, setAsking] = useState(false);
  const end = useAction("DELETE /api/v1/sessions/{id}");
  const say = useToast();
  const whose = own ? "your session" : `${session.user}'s session`;
  return (
    <>
      <Button small look="danger" aria-label={`End ${whose} on ${session.target}`} onClick={() => setAsking(true)}>End</Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`End ${whose} on ${session.target}?`}
        consequence="Whatever runs in this shell ends with it. Its recording stays."
        action="End session"
        onConfirm={async () => {
          await end.mutateAsync({ path: { id: session.id } });
          say(`The session on ${session.target} is ended.`);
        }}
        explain={sentence}
      />
    </>
  );
}

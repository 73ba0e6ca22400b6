"use client";
/** Tries a target, and shows how far it went: nothing is opened, and no session comes of it. */
import { Check, CircleX, Loader } from "lucide-react";
import { useCallback, useEffect } from "react";
import { sentence } from "@/lib/api/client";
import { useAction } from "@/lib/api/hooks";
import type { Target } from "@/lib/api/schema";
import { milliseconds } from "@/lib/format";
import { asSentence } from "@/lib/sentence";
import type { Hop, StepName } from "@/lib/attachment/messages";
import { anywhere } from "@/texts/anywhere";
import { opening } from "@/texts/opening";
import { targetTest } from "@/texts/target-test";
import { Button } from "@/ui/button";
import { Dialog, DialogButtons } from "@/ui/dialog";

const hopName = (hop: string): string => opening.hops[hop as Hop] ?? hop;

export function TestTarget({ target, onClose }: { target: Target; onClose: () => void }) {
  const { mutate, data: result, error, isPending: busy } = useAction("POST /api/v1/admin/targets/{id}/test");
  const test = useCallback(() => mutate({ path: { id: target.id }, body: {} }), [mutate, target.id]);
  useEffect(test, [test]);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={targetTest.testOf(target.name)} description={targetTest.testAbout(target.zone)}>
      <div role="status" aria-busy={busy} className="space-y-3">
        {busy && <p className="flex items-center gap-2.5 text-muted"><Loader className="size-4 animate-spin text-accent" aria-hidden />{targetTest.trying}</p>}
        {!busy && error && <p className="text-bad">{sentence(error)}</p>}
        {!busy && result && (
          <>
            <ol aria-label={opening.label}>
              {result.steps.map((step) => (
                <li key={step.name} className="flex items-center gap-2.5 py-1">
                  <Check className="size-4 shrink-0 text-ok" aria-hidden />
                  <span className="flex-1">{opening.names[step.name as StepName]?.done ?? step.name}</span>
                  <span className="text-xs text-muted tabular-nums">{milliseconds(step.elapsed_ms)}</span>
                </li>
              ))}
            </ol>
            {result.ok ? (
              <p className="rounded-md bg-ok-soft px-3 py-2 text-ok">{targetTest.letIn(result.username ?? "")}</p>
            ) : (
              <div className="rounded-md bg-bad-soft px-3 py-2 text-bad">
                <p className="flex items-center gap-2 font-medium"><CircleX className="size-4 shrink-0" aria-hidden />{targetTest.failedAt(hopName(result.hop ?? ""))}</p>
                <p className="mt-1 break-words">{asSentence(result.message ?? "")}</p>
              </div>
            )}
          </>
        )}
      </div>
      <DialogButtons>
        <Button onClick={onClose}>{anywhere.close}</Button>
        <Button look="primary" busy={busy} onClick={test}>{targetTest.testAgain}</Button>
      </DialogButtons>
    </Dialog>
  );
}

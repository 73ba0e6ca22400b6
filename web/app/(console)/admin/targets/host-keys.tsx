"use client";
/** The host keys of a target: the known ones, and beside them another one that it showed, to be accepted or refused. */
import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { sentence } from "@/lib/api/client";
import { useAction } from "@/lib/api/hooks";
import type { Target } from "@/lib/api/schema";
import { hostKeys } from "@/texts/host-keys";
import { Button } from "@/ui/button";
import { CodeCopy } from "@/ui/code-copy";
import { Dialog } from "@/ui/dialog";
import { useToast } from "@/ui/toast";
import { Time } from "../../_components/page";

type Offered = NonNullable<Target["offered_host_key"]>;

function Known({ target }: { target: Target }) {
  return (
    <ul className="space-y-3">
      {target.host_keys.map((key) => (
        <li key={key.fingerprint}>
          <CodeCopy label={key.algorithm} text={key.fingerprint} />
          <p className="mt-1 text-[13px] text-muted">{hostKeys.pinnedAt(<Time value={key.pinned_at} />)}</p>
        </li>
      ))}
    </ul>
  );
}

/** Both side by side, and what to do about it. */
function Decide({ target, offered, onDone }: { target: Target; offered: Offered; onDone: () => void }) {
  const accept = useAction("POST /api/v1/admin/targets/{id}/host-key/accept");
  const refuse = useAction("POST /api/v1/admin/targets/{id}/host-key/refuse");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const say = useToast();
  const decide = async (how: typeof accept, said: string) => {
    setBusy(true);
    setProblem(null);
    try {
      await how.mutateAsync({ path: { id: target.id }, body: { fingerprint: offered.fingerprint } });
      say(said);
      onDone();
    } catch (error) {
      setProblem(sentence(error));
      setBusy(false);
    }
  };
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <section aria-label={hostKeys.known}>
          <h3 className="mb-2 text-[13px] font-medium">{hostKeys.known}</h3>
          <Known target={target} />
        </section>
        <section aria-label={hostKeys.shownNow}>
          <h3 className="mb-2 text-[13px] font-medium text-warn">{hostKeys.shownNow}</h3>
          <CodeCopy label={offered.algorithm} text={offered.fingerprint} />
          <p className="mt-1 text-[13px] text-muted">{hostKeys.lastShown(<Time value={offered.offered_at} />)}</p>
        </section>
      </div>
      <p className="mt-4 rounded-md bg-warn-soft px-3 py-2 text-warn">
        {hostKeys.otherKeyTodo}
      </p>
      {problem && <p role="alert" className="mt-3 text-bad">{problem}</p>}
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        <Button disabled={busy} onClick={() => void decide(refuse, hostKeys.isRefused(target.name))}>{hostKeys.refuse}</Button>
        <Button look="danger" disabled={busy} onClick={() => void decide(accept, hostKeys.isAccepted(target.name))}>{hostKeys.accept}</Button>
      </div>
    </>
  );
}

/** The keys that a target showed at its first dial. Another one is refused until an admin accepts it. */
export function HostKeys({ target }: { target: Target }) {
  const [open, setOpen] = useState(false);
  const { host_keys: keys, offered_host_key: offered } = target;
  if (keys.length === 0) return <span className="text-faint" title={hostKeys.notSeenAbout}>{hostKeys.notSeen}</span>;
  const label = offered ? hostKeys.changedKeyOf(target.name) : hostKeys.pinnedKeysOf(keys.length, target.name);
  return (
    <>
      <Button small look="quiet" className="-ml-2.5" aria-label={label} onClick={() => setOpen(true)}>
        {offered ? <span className="flex items-center gap-1.5 text-warn"><TriangleAlert className="size-4" aria-hidden />{hostKeys.changed}</span> : hostKeys.pinnedCount(keys.length)}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        wide
        title={offered ? hostKeys.otherKey(target.name) : hostKeys.keysOf(target.name)}
        description={offered ? hostKeys.otherKeyAbout : hostKeys.keysAbout}
      >
        {offered ? <Decide target={target} offered={offered} onDone={() => setOpen(false)} /> : <Known target={target} />}
      </Dialog>
    </>
  );
}

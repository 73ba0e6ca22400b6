"use client";
import { useState } from "react";
import type { Target } from "@/lib/api/schema";
import { Button } from "@/ui/button";
import { CodeCopy } from "@/ui/code-copy";
import { Dialog } from "@/ui/dialog";
import { Time } from "../../_components/page";

/** The keys that a target showed at its first dial. Another one is refused from then on. */
export function HostKeys({ target }: { target: Target }) {
  const [open, setOpen] = useState(false);
  const keys = target.host_keys;
  if (keys.length === 0) return <span className="text-faint" title="The key it shows at the first connection is pinned">Not seen yet</span>;
  return (
    <>
      <Button small look="quiet" className="-ml-2.5" aria-label={`${keys.length} pinned host keys of ${target.name}`} onClick={() => setOpen(true)}>
        {keys.length === 1 ? "1 pinned" : `${keys.length} pinned`}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        wide
        title={`Host keys of ${target.name}`}
        description="Pinned at the first connection. Sessions are refused when the machine shows another one."
      >
        <ul className="space-y-3">
          {keys.map((key) => (
            <li key={key.fingerprint}>
              <CodeCopy label={key.algorithm} text={key.fingerprint} />
              <p className="mt-1 text-[13px] text-muted">Pinned <Time value={key.pinned_at} /></p>
            </li>
          ))}
        </ul>
      </Dialog>
    </>
  );
}

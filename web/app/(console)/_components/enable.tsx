"use client";
/** What is kept is never deleted, only disabled: the button for it, and the word that says so. */
import { useState, type ReactNode } from "react";
import { sentence } from "@/lib/api/client";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { useToast } from "@/ui/toast";

interface Props {
  /** "Zone", "Target", … */
  what: string;
  name: string;
  enabled: boolean;
  /** What follows from disabling it. */
  consequence: ReactNode;
  onSwitch: (enabled: boolean) => Promise<unknown>;
  why?: string | null;
}

/** Enables at once; asks before it disables, because that ends sessions. */
export function EnableButton({ what, name, enabled, consequence, onSwitch, why }: Props) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const say = useToast();
  const enable = async () => {
    setBusy(true);
    try {
      await onSwitch(true);
      say(`${what} ${name} is enabled.`);
    } catch (error) {
      say(sentence(error), { bad: true });
    } finally {
      setBusy(false);
    }
  };
  const disable = async () => {
    await onSwitch(false);
    say(`${what} ${name} is disabled.`);
  };
  return (
    <>
      {enabled ? (
        <Button small why={why} aria-label={`Disable ${name}`} onClick={() => setAsking(true)}>Disable</Button>
      ) : (
        <Button small why={why} busy={busy} aria-label={`Enable ${name}`} onClick={() => void enable()}>Enable</Button>
      )}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Disable ${what.toLowerCase()} ${name}?`}
        consequence={consequence}
        action="Disable"
        onConfirm={disable}
        explain={sentence}
      />
    </>
  );
}

export function EnabledBadge({ enabled }: { enabled: boolean }) {
  return <Badge tone={enabled ? "ok" : "none"} dot>{enabled ? "Enabled" : "Disabled"}</Badge>;
}

"use client";
/** What an administrator can decide about a satellite. Each asks first and says what follows. */
import { useState, type ReactNode } from "react";
import { sentence } from "@/lib/api/client";
import { useAction } from "@/lib/api/hooks";
import type { Satellite } from "@/lib/api/schema";
import { asksBack } from "@/lib/satellite/attention";
import { satelliteName } from "@/lib/satellite/words";
import { Button, type Look } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { useToast } from "@/ui/toast";

interface Decision {
  label: string;
  look: Look;
  operation: "POST /api/v1/admin/satellites/{id}/revoke" | "POST /api/v1/admin/satellites/{id}/release" | "POST /api/v1/admin/satellites/{id}/readmit";
  title: (name: string) => string;
  consequence: (satellite: Satellite) => ReactNode;
  done: (name: string, zone: string) => string;
  /** Where the decision shows only later: why it is not to be made again. */
  decided?: string;
}

function running({ sessions }: Satellite): string {
  if (sessions === 0) return "";
  return sessions === 1 ? " 1 session runs there now." : ` ${sessions} sessions run there now.`;
}

const REVOKE: Decision = {
  label: "Revoke",
  look: "danger",
  operation: "POST /api/v1/admin/satellites/{id}/revoke",
  title: (name) => `Revoke satellite ${name}?`,
  consequence: (satellite) =>
    `Its tunnel drops at once and it can never connect again; nobody reaches zone ${satellite.zone} until another satellite joins it with a new token.${running(satellite)}`,
  done: (name, zone) => `Satellite ${name} of zone ${zone} is revoked.`,
};

const RELEASE: Decision = {
  label: "Release",
  look: "primary",
  operation: "POST /api/v1/admin/satellites/{id}/release",
  title: (name) => `Release satellite ${name}?`,
  consequence: () => (
    <>
      <p>Two machines have used this identity, as after a copied disk or a restored backup. Whichever of them renews next is the satellite from then on.</p>
      <p className="mt-2 font-medium text-ink">Stop the copy first. If you do not know which one is the copy, cancel and revoke the satellite.</p>
      <p className="mt-2">While both run, it is quarantined again.</p>
    </>
  ),
  done: (name) => `Satellite ${name} is released. It comes back when it renews next.`,
};

const READMIT: Decision = {
  label: "Let back in",
  look: "primary",
  operation: "POST /api/v1/admin/satellites/{id}/readmit",
  title: (name) => `Let satellite ${name} back in?`,
  consequence: ({ zone }) =>
    `It was away for too long to come back by itself. Let in, it has one day to renew its certificate, and then serves zone ${zone} again. If somebody else may have had that machine meanwhile, revoke it instead.`,
  done: (name) => `Satellite ${name} is let back in. It has one day to renew.`,
  decided: "It is let back in, and has one day to renew",
};

function DecisionButton({ satellite, decision }: { satellite: Satellite; decision: Decision }) {
  const [asking, setAsking] = useState(false);
  const decide = useAction(decision.operation);
  const say = useToast();
  const name = satelliteName(satellite);
  const { label, look } = decision;
  return (
    <>
      <Button small look={look} aria-label={`${label} ${name}`} why={decide.isSuccess ? decision.decided : null} onClick={() => setAsking(true)}>{label}</Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={decision.title(name)}
        consequence={decision.consequence(satellite)}
        action={label}
        look={look}
        onConfirm={async () => {
          await decide.mutateAsync({ path: { id: satellite.id } });
          say(decision.done(name, satellite.zone));
        }}
        explain={sentence}
      />
    </>
  );
}

/** The decisions that its state leaves. */
export function SatelliteActions({ satellite }: { satellite: Satellite }) {
  if (satellite.state === "revoked") return null;
  return (
    <div className="inline-flex flex-wrap justify-end gap-1.5">
      {satellite.state === "quarantined" && <DecisionButton satellite={satellite} decision={RELEASE} />}
      {asksBack(satellite) && <DecisionButton satellite={satellite} decision={READMIT} />}
      <DecisionButton satellite={satellite} decision={REVOKE} />
    </div>
  );
}

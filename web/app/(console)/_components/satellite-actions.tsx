"use client";
/** What an administrator can decide about a satellite. Each asks first and says what follows. */
import { useState, type ReactNode } from "react";
import { sentence } from "@/lib/api/client";
import { useAction } from "@/lib/api/hooks";
import type { Satellite } from "@/lib/api/schema";
import { asksBack } from "@/lib/satellite/attention";
import { satelliteName } from "@/lib/satellite/words";
import { decisions } from "@/texts/decisions";
import { Button, type Look } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { useToast } from "@/ui/toast";

interface Decision {
  texts: { act: string; asked: (name: string) => string; done: (name: string, zone: string) => string };
  look: Look;
  operation: "POST /api/v1/admin/satellites/{id}/revoke" | "POST /api/v1/admin/satellites/{id}/release" | "POST /api/v1/admin/satellites/{id}/readmit";
  consequence: (satellite: Satellite) => ReactNode;
  /** Where the decision shows only later: why it is not to be made again. */
  decided?: string;
}

const REVOKE: Decision = {
  texts: decisions.revoke,
  look: "danger",
  operation: "POST /api/v1/admin/satellites/{id}/revoke",
  consequence: ({ zone, sessions }) => decisions.revoke.about(zone, sessions),
};

const RELEASE: Decision = {
  texts: decisions.release,
  look: "primary",
  operation: "POST /api/v1/admin/satellites/{id}/release",
  consequence: () => (
    <>
      <p>{decisions.release.why}</p>
      <p className="mt-2 font-medium text-ink">{decisions.release.first}</p>
      <p className="mt-2">{decisions.release.while}</p>
    </>
  ),
};

const READMIT: Decision = {
  texts: decisions.readmit,
  look: "primary",
  operation: "POST /api/v1/admin/satellites/{id}/readmit",
  consequence: ({ zone }) => decisions.readmit.about(zone),
  decided: decisions.readmit.decided,
};

function DecisionButton({ satellite, decision }: { satellite: Satellite; decision: Decision }) {
  const [asking, setAsking] = useState(false);
  const decide = useAction(decision.operation);
  const say = useToast();
  const name = satelliteName(satellite);
  const { texts, look } = decision;
  return (
    <>
      <Button small look={look} aria-label={decisions.actOn(texts.act, name)} why={decide.isSuccess ? decision.decided : null} onClick={() => setAsking(true)}>{texts.act}</Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={texts.asked(name)}
        consequence={decision.consequence(satellite)}
        action={texts.act}
        look={look}
        onConfirm={async () => {
          await decide.mutateAsync({ path: { id: satellite.id } });
          say(texts.done(name, satellite.zone));
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

import type { ReactNode } from "react";
import type { Satellite } from "@/lib/api/schema";
import { satelliteFacts } from "@/texts/satellite-facts";
import { Facts, type Fact } from "@/ui/facts";
import { Card, Section } from "@/ui/section";
import { identityFacts, limitFacts, limitSentence, lineFacts, machineFacts, policyFacts, stateFact } from "../../../_components/satellite-facts";

interface Props {
  title: string;
  about?: string;
  facts?: Fact[] | null;
  /** Below the facts. */
  children?: ReactNode;
}

function Part({ title, about, facts, children }: Props) {
  return (
    <Section title={title}>
      <Card>
        <div className="space-y-3">
          {about && <p className="text-muted">{about}</p>}
          {facts && <Facts items={facts} />}
          {children && <p className="text-[13px] text-muted">{children}</p>}
        </div>
      </Card>
    </Section>
  );
}

function Limits({ satellite }: { satellite: Satellite }) {
  const facts = limitFacts(satellite);
  const about = facts
    ? satelliteFacts.allowsAbout
    : (limitSentence(satellite) ?? satelliteFacts.allowsUnknown);
  return <Part title={satelliteFacts.allows} about={about} facts={facts} />;
}

/** Everything that is known of one satellite. */
export function Details({ satellite }: { satellite: Satellite }) {
  const { state } = satellite;
  const away = state === "offline" || state === "quarantined";
  return (
    <div className="grid items-start gap-x-5 gap-y-6 lg:grid-cols-2">
      <div className="space-y-6">
        <Part title={satelliteFacts.lineToHub} facts={[stateFact(satellite), ...lineFacts(satellite), ...policyFacts(satellite)]} />
        <Part title={satelliteFacts.identity} facts={identityFacts(satellite)} />
      </div>
      <div className="space-y-6">
        <Part title={satelliteFacts.machine} facts={machineFacts(satellite)}>
          {away && satelliteFacts.awayUnknown}
        </Part>
        {state !== "revoked" && <Limits satellite={satellite} />}
      </div>
    </div>
  );
}

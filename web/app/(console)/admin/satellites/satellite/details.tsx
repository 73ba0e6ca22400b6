import type { ReactNode } from "react";
import type { Satellite } from "@/lib/api/schema";
import { Facts, type Fact } from "@/ui/facts";
import { Card, Section } from "@/ui/section";
import { identityFacts, limitFacts, limitSentence, lineFacts, machineFacts, stateFact } from "../../../_components/satellite-facts";

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
    ? "The site’s own configuration has the last word, whatever is granted. It allows only:"
    : (limitSentence(satellite) ?? "Known only while it is online: the site’s own configuration says it.");
  return <Part title="What the site allows" about={about} facts={facts} />;
}

/** Everything that is known of one satellite. */
export function Details({ satellite }: { satellite: Satellite }) {
  const { state } = satellite;
  const away = state === "offline" || state === "quarantined";
  return (
    <div className="grid items-start gap-x-5 gap-y-6 lg:grid-cols-2">
      <div className="space-y-6">
        <Part title="Line to the hub" facts={[stateFact(satellite), ...lineFacts(satellite)]} />
        <Part title="Identity" facts={identityFacts(satellite)} />
      </div>
      <div className="space-y-6">
        <Part title="Machine" facts={machineFacts(satellite)}>
          {away && "Sessions, disk and what waits there are known only while it is online."}
        </Part>
        {state !== "revoked" && <Limits satellite={satellite} />}
      </div>
    </div>
  );
}

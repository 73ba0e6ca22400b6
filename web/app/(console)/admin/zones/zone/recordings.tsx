import type { Zone } from "@/lib/api/schema";
import { keptFor } from "@/lib/retention";
import { pages } from "@/texts/pages";
import { zonePage } from "@/texts/zone-page";
import { zones } from "@/texts/zones";
import { Badge } from "@/ui/badge";
import { Facts } from "@/ui/facts";
import { Card, Section } from "@/ui/section";

/** How long the zone's recordings are kept. */
export function ZoneRecordings({ zone }: { zone: Zone }) {
  return (
    <Section title={pages.recordings} about={zonePage.recordingsAbout}>
      <Card>
        <Facts
          items={[
            { name: zonePage.kept, value: keptFor(zone.retention_days) },
            { name: zones.hold, value: zone.legal_hold ? zonePage.holdStands(<Badge tone="warn" dot>{zones.holdKinds.yes}</Badge>) : zones.holdKinds.no },
          ]}
        />
      </Card>
    </Section>
  );
}

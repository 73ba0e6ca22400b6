import type { Zone } from "@/lib/api/schema";
import { keptFor } from "@/lib/retention";
import { Badge } from "@/ui/badge";
import { Facts } from "@/ui/facts";
import { Card, Section } from "@/ui/section";

/** How long the zone's recordings are kept. */
export function ZoneRecordings({ zone }: { zone: Zone }) {
  return (
    <Section title="Recordings" about="What was kept long enough is deleted for good, with an event in the audit. Sessions and events stay.">
      <Card>
        <Facts
          items={[
            { name: "Kept", value: keptFor(zone.retention_days) },
            { name: "Legal hold", value: zone.legal_hold ? <><Badge tone="warn" dot>Stands</Badge> Nothing is deleted, however old.</> : "None" },
          ]}
        />
      </Card>
    </Section>
  );
}

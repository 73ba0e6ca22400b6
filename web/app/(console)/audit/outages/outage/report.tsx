import Link from "next/link";
import { CircleCheck, Hourglass } from "lucide-react";
import type { Difference, OutageReport } from "@/lib/api/schema";
import { clockTime, fullTime } from "@/lib/format";
import { heldWords, lasted, newestWords, reason } from "@/lib/outages";
import { routes } from "@/lib/routes";
import { audit } from "@/texts/audit";
import { outages } from "@/texts/outages";
import { Facts } from "@/ui/facts";
import { Card, Section } from "@/ui/section";
import { Empty } from "@/ui/states";
import { Table, type Column } from "@/ui/table";
import { PersonLink, TargetLink } from "../../links";

/** Times of the day of the site's return stand without that day. */
function inWords({ kind, user, user_id, target, target_id, at, until, code }: Difference, back: string) {
  const day = new Date(back);
  const [person, machine] = [<PersonLink key="person" id={user_id} name={user} />, <TargetLink key="target" id={target_id} name={target} />];
  const time = (value: string) => clockTime(value, day);
  return kind === "went_on"
    ? outages.wentOn(person, machine, time(until ?? back), time(back), time(at), reason(code))
    : outages.ended(person, machine, time(at), reason(code), time(back));
}

const columns = (back: string): Column<Difference>[] => [
  { key: "what", head: outages.what, grow: true, cell: (row) => inWords(row, back) },
  { key: "session", head: audit.session, right: true, cell: (row) => <Link href={routes.events({ session_id: row.session_id })} className="text-accent underline">{outages.session}</Link> },
];

function Differences({ report }: { report: OutageReport }) {
  if (report.sessions == null) return <Empty icon={<Hourglass />} title={outages.beingMade}>{outages.reportPending}</Empty>;
  if (report.difference_count === 0) return <Empty icon={<CircleCheck />} title={outages.noDifference}>{outages.noDifferenceAbout}</Empty>;
  return <Table label={outages.decided} columns={columns(report.until)} rows={report.differences} rowKey={(row) => row.session_id} />;
}

/** What is known of one outage. */
export function Report({ report }: { report: OutageReport }) {
  const { difference_count: count, differences, sessions } = report;
  return (
    <>
      <Card>
        <Facts
          items={[
            { name: outages.since, value: fullTime(report.since) },
            { name: outages.until, value: fullTime(report.until) },
            { name: outages.lasted, value: lasted(report) },
            { name: outages.policy, value: heldWords(report.policy_version) },
            { name: outages.newest, value: newestWords(report) },
            { name: outages.sessions, value: sessions ?? outages.beingMade },
          ]}
        />
      </Card>
      <Section title={outages.decided} about={count > 0 ? outages.differencesAbout(differences.length, count) : undefined}>
        <Differences report={report} />
      </Section>
    </>
  );
}

import { KeyRound, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { useMe } from "@/lib/api/hooks";
import type { AccessDecision, ExplainedAccess, WeighedGrant } from "@/lib/api/schema";
import { decisionWords, differ, standsWords } from "@/lib/access";
import { clockTime, fullTime } from "@/lib/format";
import { routes } from "@/lib/routes";
import { access } from "@/texts/access";
import { anywhere } from "@/texts/anywhere";
import { grants } from "@/texts/grants";
import { Badge } from "@/ui/badge";
import { buttonClass } from "@/ui/button";
import { Card, Section } from "@/ui/section";
import { Empty } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { offlineSpell, waysInWords } from "../../admin/grants/words";
import { PersonLink, TargetLink } from "../links";

function Decision({ title, about, decision }: { title: string; about: string; decision: AccessDecision | null }) {
  return (
    <Section title={title}>
      <Card>
        {decision && (
          <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <Badge tone={decision.allowed ? "ok" : "bad"} dot>{decision.allowed ? access.allowed : access.refused}</Badge>
            {decisionWords(decision)}
          </p>
        )}
        <p className={decision ? "mt-2 text-[13px] text-muted" : "text-muted"}>{about}</p>
      </Card>
    </Section>
  );
}

function Differ() {
  return (
    <div role="status" className="mt-5 flex items-start gap-2.5 rounded-xl border border-warn/40 bg-warn-soft px-4 py-2.5 text-warn">
      <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div>
        <p className="font-medium">{access.differ}</p>
        <p className="text-[13px] text-ink">{access.differAbout}</p>
      </div>
    </div>
  );
}

const on = ({ target, zone, label }: WeighedGrant): [name: string, kind: string] =>
  zone ? [zone, grants.ofZone] : label ? [label, grants.withLabel] : [target ?? "–", anywhere.target];

const COLUMNS: Column<WeighedGrant>[] = [
  { key: "to", head: access.givenTo, breaks: true, cell: (grant) => <Two main={grant.group ?? grant.user ?? "–"} more={grant.scheduled ? access.bySchedule : grant.group ? anywhere.group : access.themselves} /> },
  { key: "on", head: access.on, grow: true, cell: (grant) => <Two main={<span className="font-normal">{on(grant)[0]}</span>} more={on(grant)[1]} /> },
  {
    key: "state",
    head: access.state,
    breaks: true,
    cell: (grant) => <span className="flex flex-wrap items-center gap-x-2">{standsWords(grant)}{grant.counts && <Badge tone="ok">{access.counts}</Badge>}</span>,
  },
  { key: "desktops", head: grants.desktops, wide: true, breaks: true, cell: (grant) => <span className="text-muted">{waysInWords(grant)}</span> },
  { key: "alone", head: access.alone, wide: true, cell: (grant) => <span className="text-muted">{offlineSpell(grant.offline_seconds)}</span> },
];

/** With the way to giving one, for those who may. */
function NoGrant() {
  const keeps = useMe().data?.role === "admin";
  return <Empty icon={<KeyRound />} title={access.noGrant} action={keeps && <Link href={routes.grants()} className={buttonClass("plain")}>{access.toGrants}</Link>}>{access.noGrantAbout}</Empty>;
}

/** The answer: hub and site side by side, and the grants that it is made of. */
export function Answer({ explained }: { explained: ExplainedAccess }) {
  const { hub, site, user, user_id, target, target_id, zone, at } = explained;
  const siteAbout = site ? (site.away_since ? access.siteAway(site.policy_version, clockTime(site.away_since)) : access.siteAbout(site.policy_version)) : access.siteNone;
  return (
    <>
      <h2 className="text-base font-semibold">
        {access.question(<PersonLink id={user_id} name={user} />, <TargetLink id={target_id} name={target} />, zone, fullTime(at))}
      </h2>
      {site && differ(hub, site) && <Differ />}
      <div className="mt-5 grid items-start gap-5 md:grid-cols-2">
        <div><Decision title={access.hub} about={access.hubAbout} decision={hub} /></div>
        <div><Decision title={access.site} about={siteAbout} decision={site ?? null} /></div>
      </div>
      <Section title={access.grants} about={access.grantsAbout}>
        {hub.grants.length === 0 ? <NoGrant /> : <Table label={access.grants} columns={COLUMNS} rows={hub.grants} rowKey={(grant) => grant.id} faded={(grant) => grant.state !== "holds"} />}
      </Section>
    </>
  );
}

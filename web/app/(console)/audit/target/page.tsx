"use client";
import Link from "next/link";
import { Suspense } from "react";
import type { TargetProfile } from "@/lib/api/schema";
import { fullTime } from "@/lib/format";
import { routes } from "@/lib/routes";
import { machineAddress } from "@/lib/targets";
import { access } from "@/texts/access";
import { anywhere } from "@/texts/anywhere";
import { pages } from "@/texts/pages";
import { story } from "@/texts/story";
import { Badge } from "@/ui/badge";
import { buttonClass } from "@/ui/button";
import { Facts } from "@/ui/facts";
import { Card } from "@/ui/section";
import { SkeletonRows } from "@/ui/states";
import { PageHead } from "../../_components/page";
import { PersonLink } from "../links";
import { StateBadge } from "../state";
import { EventsAbout, Rights, SessionsOf, Story, sessionsFact } from "../story";

function Target({ target }: { target: TargetProfile }) {
  return (
    <>
      <PageHead title={target.name} about={target.description}><StateBadge {...target} /><Link href={routes.access({ target_id: target.id })} className={buttonClass("plain", true)}>{access.why}</Link></PageHead>
      <Card>
        <Facts
          items={[
            { name: anywhere.zone, value: target.zone },
            { name: anywhere.address, value: <span className="font-mono text-xs">{machineAddress(target)}</span> },
            { name: story.accounts, value: target.accounts.length === 0 ? story.none : target.accounts.join(", ") },
            ...(target.labels.length === 0 ? [] : [{ name: story.labels, value: <span className="inline-flex flex-wrap gap-1">{target.labels.map((label) => <Badge key={label}>{label}</Badge>)}</span> }]),
            ...(target.retired_at ? [{ name: anywhere.deleted, value: fullTime(target.retired_at) }] : []),
            { name: pages.sessions, value: sessionsFact(target.sessions) },
          ]}
        />
      </Card>
      <Rights label={story.openedBy} head={story.person} rights={target.opened_by} more={target.more} none={story.openedByNone} link={(right) => <PersonLink id={right.id} name={right.name} />} why={(right) => routes.access({ user_id: right.id, target_id: target.id })} />
      <SessionsOf query={{ target_id: target.id }} />
      <EventsAbout id={target.id} />
    </>
  );
}

/** All that is known of a target: who may open it, who did, and what was done to it. */
export default function Page() {
  return (
    <Suspense fallback={<SkeletonRows rows={4} />}>
      <Story operation="GET /api/v1/audit/targets/{id}" none={story.noTarget}>{(target) => <Target key={target.id} target={target} />}</Story>
    </Suspense>
  );
}

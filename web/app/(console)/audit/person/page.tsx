"use client";
import Link from "next/link";
import { Suspense } from "react";
import type { PersonProfile } from "@/lib/api/schema";
import { fullTime } from "@/lib/format";
import { routes } from "@/lib/routes";
import { access } from "@/texts/access";
import { anywhere } from "@/texts/anywhere";
import { pages } from "@/texts/pages";
import { roles } from "@/texts/roles";
import { story } from "@/texts/story";
import { buttonClass } from "@/ui/button";
import { Facts } from "@/ui/facts";
import { Card } from "@/ui/section";
import { SkeletonRows } from "@/ui/states";
import { PageHead, Time } from "../../_components/page";
import { TargetLink } from "../links";
import { StateBadge } from "../state";
import { EventsAbout, Rights, SessionsOf, Story, sessionsFact } from "../story";

function Person({ person }: { person: PersonProfile }) {
  const { id, username, display_name: name } = person;
  return (
    <>
      <PageHead title={name ?? username} about={name && username}><StateBadge {...person} /><Link href={routes.access({ user_id: id })} className={buttonClass("plain", true)}>{access.why}</Link></PageHead>
      <Card>
        <Facts
          items={[
            { name: anywhere.role, value: story.roleAbout(roles[person.role].word, roles[person.role].about) },
            { name: pages.groups, value: person.groups.length === 0 ? story.none : person.groups.join(", ") },
            { name: anywhere.lastSignIn, value: person.last_login_at ? <Time value={person.last_login_at} ago /> : anywhere.never },
            { name: story.accountMade, value: fullTime(person.created_at) },
            ...(person.retired_at ? [{ name: story.accountDeleted, value: fullTime(person.retired_at) }] : []),
            { name: pages.sessions, value: sessionsFact(person.sessions) },
          ]}
        />
      </Card>
      <Rights label={anywhere.mayOpen} head={anywhere.target} rights={person.may_open} more={person.more} none={story.mayOpenNone} link={(right) => <TargetLink id={right.id} name={right.name} />} why={(right) => routes.access({ user_id: id, target_id: right.id })} />
      <SessionsOf query={{ user_id: id }} />
      <EventsAbout id={id} />
    </>
  );
}

/** All that is known of a person: what they may open, what they opened, what they did and what was done to them. */
export default function Page() {
  return (
    <Suspense fallback={<SkeletonRows rows={4} />}>
      <Story operation="GET /api/v1/audit/users/{id}" none={story.noUser}>{(person) => <Person key={person.id} person={person} />}</Story>
    </Suspense>
  );
}

"use client";
/** What a person's page and a target's page have in common: rights, sessions, and everything that names them. */
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { ChevronLeft, KeyRound, ScrollText, SearchX } from "lucide-react";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { useState, type ReactNode } from "react";
import { ApiError, call, sentence, type Answer } from "@/lib/api/client";
import { useList } from "@/lib/api/hooks";
import type { AuditEvent, NamedRight, SessionCount } from "@/lib/api/schema";
import { routes } from "@/lib/routes";
import { access } from "@/texts/access";
import { audit } from "@/texts/audit";
import { auditLists } from "@/texts/audit-lists";
import { pages } from "@/texts/pages";
import { story } from "@/texts/story";
import { buttonClass } from "@/ui/button";
import { Section } from "@/ui/section";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { Listing, Time } from "../_components/page";
import { COLUMNS } from "./columns";
import { Details } from "./details";
import { COLUMNS as EVENT_COLUMNS } from "./events/columns";
import { EventDetails } from "./events/details";

const PART = 10;

/** By which grants. */
export function through({ directly, groups, in_windows }: Pick<NamedRight, "directly" | "groups" | "in_windows">): string {
  const named = groups.length === 0 ? [] : [story.throughGroups(groups)];
  return [...(directly ? [story.ownGrant] : []), ...named, ...(in_windows ? [story.inWindows] : [])].join("; ");
}

interface RightsProps {
  label: string;
  head: string;
  rights: NamedRight[];
  more: boolean;
  link: (right: NamedRight) => ReactNode;
  /** To the reasons for one. */
  why: (right: NamedRight) => string;
  none: string;
}

export function Rights({ label, head, rights, more, link, why, none }: RightsProps) {
  const columns: Column<NamedRight>[] = [
    { key: "name", head, cell: (right) => <Two main={link(right)} more={right.zone} /> },
    { key: "through", head: story.through, grow: true, cell: (right) => <span className="text-muted">{through(right)}</span> },
    { key: "why", head: "", right: true, cell: (right) => <Link href={why(right)} aria-label={access.whyOf(right.name)} className="text-accent underline">{access.why}</Link> },
  ];
  return (
    <Section title={label} about={story.rightsAbout}>
      {rights.length === 0 ? <Empty icon={<KeyRound />} title={none} /> : <Table label={label} columns={columns} rows={rights} rowKey={(right) => right.id} />}
      {more && <p role="status" className="mt-2 text-muted">{story.moreRights(rights.length)}</p>}
    </Section>
  );
}

export function sessionsFact({ total, active, last }: SessionCount): ReactNode {
  if (total === 0) return story.noneYet;
  return story.sessionsCount(total, active, <Time value={last} ago />);
}

/** The newest sessions, and the way to all of them. */
export function SessionsOf({ query }: { query: { user_id?: string; target_id?: string } }) {
  const list = useList("GET /api/v1/audit", { ...query, limit: PART });
  const [opened, setOpened] = useState<string | null>(null);
  const row = list.rows?.find((entry) => entry.id === opened);
  return (
    <Section title={pages.sessions} action={<Link href={routes.audit(query)} className={buttonClass("plain", true)}>{story.filterAndExport}</Link>}>
      <Listing list={list} empty={<Empty icon={<ScrollText />} title={audit.noSessionsYet} />}>
        {(rows) => <Table label={pages.sessions} columns={COLUMNS} rows={rows} rowKey={(entry) => entry.id} onOpen={(entry) => setOpened(entry.id)} />}
      </Listing>
      {row && <Details row={row} onClose={() => setOpened(null)} />}
    </Section>
  );
}

/** Everything that was done by them or to them. */
export function EventsAbout({ id }: { id: string }) {
  const list = useList("GET /api/v1/audit/events", { about: id, limit: PART });
  const [opened, setOpened] = useState<AuditEvent | null>(null);
  return (
    <Section title={story.happenings} action={<Link href={routes.events({ about: id })} className={buttonClass("plain", true)}>{story.filterAndExport}</Link>}>
      <Listing list={list} empty={<Empty icon={<ScrollText />} title={audit.noEventsYet} />}>
        {(rows) => <Table label={auditLists.events} columns={EVENT_COLUMNS} rows={rows} rowKey={(event) => String(event.id)} onOpen={setOpened} />}
      </Listing>
      {opened && <EventDetails event={opened} onClose={() => setOpened(null)} />}
    </Section>
  );
}

type Profile = "GET /api/v1/audit/users/{id}" | "GET /api/v1/audit/targets/{id}";

interface StoryProps<O extends Profile> {
  operation: O;
  /** Said where there is none. */
  none: string;
  children: (profile: Answer<O>) => ReactNode;
}

function Missing({ title }: { title: string }) {
  return (
    <Empty icon={<SearchX />} title={title} action={<Link href={routes.audit()} className={buttonClass("primary")}>{story.toAudit}</Link>}>
      {story.missingAbout}
    </Empty>
  );
}

/** The page of the one whose id stands in the address. */
export function Story<O extends Profile>({ operation, none, children }: StoryProps<O>) {
  const id = useSearchParams().get("id") ?? "";
  const found = useQuery({
    queryKey: [operation, id],
    queryFn: () => call(operation as Profile, { path: { id } }) as Promise<unknown>,
    enabled: id !== "",
  }) as UseQueryResult<Answer<O>>;
  if (id === "" || (found.error instanceof ApiError && found.error.status === 404)) return <Missing title={none} />;
  if (!found.data) return found.error ? <Failure onRetry={() => void found.refetch()}>{sentence(found.error)}</Failure> : <SkeletonRows rows={4} />;
  return (
    <>
      <Link href={routes.audit()} className="mb-2 inline-flex items-center gap-1 text-[13px] text-muted hover:text-ink"><ChevronLeft className="size-3.5" aria-hidden />{pages.audit}</Link>
      {children(found.data)}
    </>
  );
}

"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ShieldOff } from "lucide-react";
import Link from "next/link";
import { call } from "@/lib/api/client";
import type { AccessAlone, AloneAccess, Zone } from "@/lib/api/schema";
import { routes } from "@/lib/routes";
import { access } from "@/texts/access";
import { alone } from "@/texts/alone";
import { anywhere } from "@/texts/anywhere";
import { Section } from "@/ui/section";
import { Empty } from "@/ui/states";
import { Table, type Column } from "@/ui/table";
import { Listing, Time } from "../../../_components/page";

const PART = 20;
const REFRESH_MS = 15_000;

const COLUMNS: Column<AloneAccess>[] = [
  { key: "person", head: alone.person, breaks: true, cell: (row) => <Link href={routes.person(row.user_id)} className="font-medium hover:underline">{row.user}</Link> },
  { key: "target", head: anywhere.target, grow: true, cell: (row) => <Link href={routes.targetStory(row.target_id)} className="hover:underline">{row.target}</Link> },
  { key: "until", head: alone.until, cell: (row) => <Time value={row.until} /> },
  {
    key: "why",
    head: "",
    right: true,
    cell: (row) => <Link href={routes.access({ user_id: row.user_id, target_id: row.target_id })} aria-label={access.whyOf(anywhere.targetIn(row.user, row.target))} className="text-accent underline">{access.why}</Link>,
  },
];

function about({ policy_version: version, held }: AccessAlone): string {
  if (version == null) return alone.noPolicy;
  return held ? alone.about(version) : alone.aboutNewest(version);
}

/** Who can get in there without the hub. */
export function ZoneAlone({ zone }: { zone: Zone }) {
  const { id } = zone;
  const found = useInfiniteQuery({
    queryKey: ["GET /api/v1/admin/zones/{id}/access-alone", id],
    queryFn: ({ pageParam }) => call("GET /api/v1/admin/zones/{id}/access-alone", { path: { id }, query: { limit: PART, cursor: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: REFRESH_MS,
  });
  const [first] = found.data?.pages ?? [];
  const rows = found.data?.pages.flatMap(({ items }) => items);
  return (
    <Section title={zone.satellite?.state === "offline" ? alone.titleAway : alone.title} about={first && about(first)}>
      <Listing list={{ ...found, rows }} empty={<Empty icon={<ShieldOff />} title={alone.nobody}>{alone.nobodyAbout}</Empty>}>
        {(all) => <Table label={alone.title} columns={COLUMNS} rows={all} rowKey={(row) => `${row.user_id} ${row.target_id}`} />}
      </Listing>
    </Section>
  );
}

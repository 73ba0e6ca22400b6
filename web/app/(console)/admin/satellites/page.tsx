"use client";
import Link from "next/link";
import { Radio } from "lucide-react";
import { useList } from "@/lib/api/hooks";
import type { Satellite } from "@/lib/api/schema";
import { milliseconds } from "@/lib/format";
import { routes } from "@/lib/routes";
import { buttonClass } from "@/ui/button";
import { Empty } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { PageHead, Time } from "../../_components/page";
import { RevokeSatellite, SatelliteBadge, transportWord } from "../../_components/satellite";
import { SearchListing } from "../../_components/search";

const REFRESH_MS = 5000;

const COLUMNS: Column<Satellite>[] = [
  { key: "zone", head: "Zone", grow: true, cell: (row) => <Two main={<Link href={routes.zone(row.zone_id)} className="hover:underline">{row.zone}</Link>} more={row.name} /> },
  { key: "state", head: "State", cell: (row) => <SatelliteBadge state={row.state} /> },
  { key: "transport", head: "Transport", wide: true, cell: (row) => <Two main={<span className="font-normal">{transportWord(row.transport)}</span>} more={row.rtt_ms == null ? null : milliseconds(row.rtt_ms)} /> },
  { key: "seen", head: "Last seen", wide: true, cell: (row) => <Time value={row.last_seen} ago /> },
  { key: "sessions", head: "Sessions", wider: true, right: true, cell: (row) => row.sessions },
  { key: "version", head: "Version", wide: true, cell: (row) => row.version ?? "–" },
  { key: "joined", head: "Joined", wider: true, cell: (row) => <Time value={row.joined_at} /> },
  { key: "revoke", head: "", right: true, cell: (row) => row.state !== "revoked" && <RevokeSatellite satellite={row} /> },
];

export default function SatellitesPage() {
  const list = useList("GET /api/v1/admin/satellites", {}, { everyMs: REFRESH_MS });
  return (
    <>
      <PageHead title="Satellites" about="The nodes at the sites. They dial out to the hub and own the sessions there." />
      <SearchListing
        list={list}
        label="Search satellites"
        words={(row) => [row.zone, row.name, row.state, row.version]}
        empty={
          <Empty icon={<Radio />} title="No satellite has joined yet" action={<Link href={routes.zones()} className={buttonClass("primary")}>Go to zones</Link>}>
            Create a zone for the site, then a join token on its page.
          </Empty>
        }
      >
        {(rows) => <Table label="Satellites" columns={COLUMNS} rows={rows} rowKey={(row) => row.id} faded={(row) => row.state === "revoked"} />}
      </SearchListing>
    </>
  );
}

"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { MapPin, Plus } from "lucide-react";
import { useState } from "react";
import { useList, type Row } from "@/lib/api/hooks";
import { routes } from "@/lib/routes";
import { transportWord } from "@/lib/satellite/words";
import { anywhere } from "@/texts/anywhere";
import { pages } from "@/texts/pages";
import { zones } from "@/texts/zones";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { PageHead, Time } from "../../_components/page";
import { EnabledBadge } from "../../_components/row-actions";
import { SatelliteBadge } from "../../_components/satellite";
import { SearchListing } from "../../_components/search";
import { CreateZone } from "./form";

type Zone = Row<"GET /api/v1/admin/zones">;
const REFRESH_MS = 5000;

const COLUMNS: Column<Zone>[] = [
  { key: "name", head: anywhere.zone, grow: true, cell: (zone) => <Two main={<Link href={routes.zone(zone.id)} className="hover:underline">{zone.name}</Link>} more={zone.description} /> },
  { key: "satellite", head: anywhere.satellite, cell: (zone) => (zone.satellite ? <SatelliteBadge state={zone.satellite.state} /> : <Badge>{zones.noSatellite}</Badge>) },
  { key: "transport", head: anywhere.transport, wide: true, cell: (zone) => transportWord(zone.satellite?.transport) },
  { key: "seen", head: anywhere.lastSeen, wide: true, cell: (zone) => <Time value={zone.satellite?.last_seen} ago /> },
  { key: "type", head: zones.type, wider: true, cell: (zone) => (zone.type === "hub" ? zones.types.hub : zones.types.site) },
  { key: "enabled", head: anywhere.state, wide: true, cell: (zone) => <EnabledBadge enabled={zone.enabled} /> },
];

export default function ZonesPage() {
  const list = useList("GET /api/v1/admin/zones", {}, { everyMs: REFRESH_MS });
  const router = useRouter();
  const [creating, setCreating] = useState(false);
  const create = <Button look="primary" onClick={() => setCreating(true)}><Plus className="size-4" aria-hidden />{zones.create}</Button>;
  return (
    <>
      <PageHead title={pages.zones} about={zones.about}>{create}</PageHead>
      <SearchListing
        list={list}
        label={zones.search}
        words={(zone) => [zone.name, zone.description, zone.satellite?.state]}
        empty={
          <Empty icon={<MapPin />} title={zones.none} action={create}>
            {zones.noneAbout}
          </Empty>
        }
      >
        {(rows) => (
          <Table
            label={pages.zones}
            columns={COLUMNS}
            rows={rows}
            rowKey={(zone) => zone.id}
            faded={(zone) => !zone.enabled}
            onOpen={(zone) => router.push(routes.zone(zone.id))}
          />
        )}
      </SearchListing>
      {creating && <CreateZone onClose={() => setCreating(false)} />}
    </>
  );
}

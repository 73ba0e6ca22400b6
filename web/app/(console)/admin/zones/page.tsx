"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { MapPin, Plus } from "lucide-react";
import { useState } from "react";
import { useList, type Row } from "@/lib/api/hooks";
import { routes } from "@/lib/routes";
import { transportWord } from "@/lib/satellite/words";
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
  { key: "name", head: "Zone", grow: true, cell: (zone) => <Two main={<Link href={routes.zone(zone.id)} className="hover:underline">{zone.name}</Link>} more={zone.description} /> },
  { key: "satellite", head: "Satellite", cell: (zone) => (zone.satellite ? <SatelliteBadge state={zone.satellite.state} /> : <Badge>None yet</Badge>) },
  { key: "transport", head: "Transport", wide: true, cell: (zone) => transportWord(zone.satellite?.transport) },
  { key: "seen", head: "Last seen", wide: true, cell: (zone) => <Time value={zone.satellite?.last_seen} ago /> },
  { key: "type", head: "Type", wider: true, cell: (zone) => (zone.type === "hub" ? "Hub’s own network" : "Site") },
  { key: "enabled", head: "State", wide: true, cell: (zone) => <EnabledBadge enabled={zone.enabled} /> },
];

export default function ZonesPage() {
  const list = useList("GET /api/v1/admin/zones", {}, { everyMs: REFRESH_MS });
  const router = useRouter();
  const [creating, setCreating] = useState(false);
  const create = <Button look="primary" onClick={() => setCreating(true)}><Plus className="size-4" aria-hidden />Create zone</Button>;
  return (
    <>
      <PageHead title="Zones" about="A zone is a site with its machines. One satellite serves each.">{create}</PageHead>
      <SearchListing
        list={list}
        label="Search zones"
        words={(zone) => [zone.name, zone.description, zone.satellite?.state]}
        empty={
          <Empty icon={<MapPin />} title="No zones yet" action={create}>
            Create one for a site, then join a satellite there: it needs no open port, only a way out to the hub.
          </Empty>
        }
      >
        {(rows) => (
          <Table
            label="Zones"
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

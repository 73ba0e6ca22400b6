"use client";
import { useQuery } from "@tanstack/react-query";
import { Radio } from "lucide-react";
import { call, sentence } from "@/lib/api/client";
import type { Satellite, Zone } from "@/lib/api/schema";
import { milliseconds } from "@/lib/format";
import { Facts } from "@/ui/facts";
import { Card, Section } from "@/ui/section";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { Time } from "../../../_components/page";
import { aboutState, RevokeSatellite, SatelliteBadge, transportWord } from "../../../_components/satellite";

const REFRESH_MS = 5000;

function Details({ satellite }: { satellite: Satellite }) {
  return (
    <Card>
      <Facts
        items={[
          { name: "State", value: <span className="flex flex-wrap items-center gap-x-2 gap-y-1"><SatelliteBadge state={satellite.state} /><span className="text-muted">{aboutState(satellite.state)}</span></span> },
          { name: "Machine", value: satellite.name || "–" },
          { name: "Transport", value: transportWord(satellite.transport) },
          { name: "Round trip", value: satellite.rtt_ms == null ? "–" : milliseconds(satellite.rtt_ms) },
          { name: "Last seen", value: <Time value={satellite.last_seen} ago /> },
          { name: "Sessions now", value: satellite.sessions },
          { name: "Version", value: satellite.version ?? "–" },
          { name: "Joined", value: <Time value={satellite.joined_at} /> },
          { name: "Certificate until", value: <Time value={satellite.certificate_expires_at} /> },
        ]}
      />
    </Card>
  );
}

/** The satellite that serves a zone: how it stands, and the way to be rid of it. */
export function ZoneSatellite({ zone }: { zone: Zone }) {
  const id = zone.satellite?.id;
  const found = useQuery({
    queryKey: ["GET /api/v1/admin/satellites/{id}", id],
    queryFn: () => call("GET /api/v1/admin/satellites/{id}", { path: { id: id ?? "" } }),
    enabled: id !== undefined,
    refetchInterval: REFRESH_MS,
  });
  if (id === undefined) {
    return (
      <Section title="Satellite">
        <Empty icon={<Radio />} title="No satellite has joined yet">
          Create a join token below and run its command on a machine at the site. That machine needs a way out to the hub, and no open port.
        </Empty>
      </Section>
    );
  }
  const satellite = found.data;
  return (
    <Section title="Satellite" about="It opens, records and guards every session of this zone." action={satellite && <RevokeSatellite satellite={satellite} />}>
      {satellite ? (
        <Details satellite={satellite} />
      ) : found.error ? (
        <Failure onRetry={() => void found.refetch()}>{sentence(found.error)}</Failure>
      ) : (
        <SkeletonRows rows={3} />
      )}
    </Section>
  );
}

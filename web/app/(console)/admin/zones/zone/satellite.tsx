"use client";
import Link from "next/link";
import { useQuery } from "@tanstack/react-query";
import { Radio } from "lucide-react";
import { call, sentence } from "@/lib/api/client";
import type { Satellite, Zone } from "@/lib/api/schema";
import { routes } from "@/lib/routes";
import { satelliteName } from "@/lib/satellite/words";
import { anywhere } from "@/texts/anywhere";
import { satelliteFacts } from "@/texts/satellite-facts";
import { satellitePages } from "@/texts/satellite-pages";
import { zonePage } from "@/texts/zone-page";
import { Facts } from "@/ui/facts";
import { Card, Section } from "@/ui/section";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { IssueNotices } from "../../../_components/satellite";
import { SatelliteActions } from "../../../_components/satellite-actions";
import { certificateFact, limitSentence, lineFacts, machineFacts, policyFacts, stateFact } from "../../../_components/satellite-facts";

const REFRESH_MS = 5000;

function Details({ satellite }: { satellite: Satellite }) {
  const limits = limitSentence(satellite);
  return (
    <>
      <IssueNotices satellite={satellite} />
      <Card>
        <Facts
          items={[
            { name: satelliteFacts.machine, value: <Link href={routes.satellite(satellite.id)} className="text-accent underline">{satelliteName(satellite)}</Link> },
            stateFact(satellite),
            ...lineFacts(satellite),
            ...policyFacts(satellite),
            ...machineFacts(satellite),
            certificateFact(satellite),
            ...(limits === null ? [] : [{ name: satelliteFacts.limits, value: limits }]),
          ]}
        />
      </Card>
    </>
  );
}

/** The satellite that serves a zone: how it stands, and what can be decided about it. */
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
      <Section title={anywhere.satellite}>
        <Empty icon={<Radio />} title={satellitePages.none}>
          {zonePage.notJoinedAbout}
        </Empty>
      </Section>
    );
  }
  const satellite = found.data;
  return (
    <Section title={anywhere.satellite} about={zonePage.satelliteAbout} action={satellite && <SatelliteActions satellite={satellite} />}>
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

"use client";
import Link from "next/link";
import { useList } from "@/lib/api/hooks";
import type { Zone } from "@/lib/api/schema";
import { routes } from "@/lib/routes";
import { outages } from "@/texts/outages";
import { buttonClass } from "@/ui/button";
import { Section } from "@/ui/section";
import { Outages } from "../../../audit/outages/table";

const PART = 5;

/** The zone's newest outages, and the way to all of them. */
export function ZoneOutages({ zone }: { zone: Zone }) {
  const list = useList("GET /api/v1/outages", { zone_id: zone.id, limit: PART });
  const all = <Link href={routes.outages({ zone_id: zone.id })} className={buttonClass("plain", true)}>{outages.all}</Link>;
  return (
    <Section title={outages.tab} about={outages.ofZone} action={all}>
      <Outages list={{ ...list, hasNextPage: false }} ofOneZone none={outages.noneHere}>{zone.satellite?.state === "offline" ? outages.noneAway : outages.noneAbout}</Outages>
    </Section>
  );
}

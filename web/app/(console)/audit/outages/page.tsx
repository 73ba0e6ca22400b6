"use client";
import { Suspense } from "react";
import { useList } from "@/lib/api/hooks";
import { outages } from "@/texts/outages";
import { Button } from "@/ui/button";
import { SkeletonRows } from "@/ui/states";
import { useAddressFilter } from "../address";
import { AuditHead } from "../head";
import { useNames } from "../names";
import { Outages } from "./table";

const REFRESH_MS = 10_000;
const NAMES = ["zone_id"] as const;

function OutagesPage() {
  const [{ zone_id }, change] = useAddressFilter(NAMES);
  const { zones } = useNames();
  const list = useList("GET /api/v1/outages", { zone_id }, { everyMs: REFRESH_MS });
  const zone = zone_id && (list.rows?.[0]?.zone ?? zones.rows?.find(({ id }) => id === zone_id)?.name ?? zone_id);
  return (
    <>
      <AuditHead page="outages" />
      {zone && (
        <p role="status" className="mb-3 flex flex-wrap items-center gap-2 text-muted">
          {outages.onlyZone(zone)}
          <Button look="quiet" small onClick={() => change({})}>{outages.showAll}</Button>
        </p>
      )}
      <Outages list={list} none={zone_id ? outages.noneHere : outages.none}>{outages.noneAbout}</Outages>
    </>
  );
}

export default function Page() {
  return <Suspense fallback={<SkeletonRows />}><OutagesPage /></Suspense>;
}

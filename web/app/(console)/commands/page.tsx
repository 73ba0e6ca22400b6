"use client";
import { Send } from "lucide-react";
import Link from "next/link";
import { Suspense } from "react";
import { useList, useMe } from "@/lib/api/hooks";
import { refreshMs } from "@/lib/commands";
import { routes } from "@/lib/routes";
import { commands } from "@/texts/commands";
import { pages } from "@/texts/pages";
import { Button, buttonClass } from "@/ui/button";
import { Choice } from "@/ui/field";
import { Empty, SkeletonRows } from "@/ui/states";
import { Listing, PageHead } from "../_components/page";
import { Pick } from "../_components/pick";
import { useAddressFilter } from "../audit/address";
import { CommandDetails } from "./details";
import { useSites } from "./sites";
import { CommandsTable } from "./table";

/** `command` is the one whose result is open. */
const NAMES = ["satellite", "unfinished", "command"] as const;
const SHOW = [
  { value: "", label: commands.all },
  { value: "1", label: commands.unfinished },
];

function CommandsPage() {
  const [filter, change] = useAddressFilter(NAMES);
  const { satellite, unfinished, command } = filter;
  const admin = useMe().data?.role === "admin";
  const sites = useSites();
  const list = useList("GET /api/v1/admin/commands", { satellite_id: satellite, unfinished: unfinished ? true : undefined }, { everyMs: refreshMs });
  const toAll = <Button onClick={() => change({})}>{commands.showAll}</Button>;
  const toSatellites = admin && <Link href={routes.satellites()} className={buttonClass("primary")}>{commands.toSatellites}</Link>;
  const empty = unfinished ? (
    <Empty icon={<Send />} title={commands.noneUnfinished} action={toAll}>{commands.noneUnfinishedAbout}</Empty>
  ) : satellite ? (
    <Empty icon={<Send />} title={commands.noneHere} action={toAll} />
  ) : (
    <Empty icon={<Send />} title={commands.none} action={toSatellites}>{commands.noneAbout}</Empty>
  );
  return (
    <>
      <PageHead title={pages.commands} about={commands.about} />
      <div className="mb-4 flex flex-wrap items-start gap-3">
        <Choice label={commands.show} value={unfinished ? "1" : ""} options={SHOW} onChange={(value) => change({ ...filter, unfinished: value })} />
        <div className="w-full max-w-xs sm:w-64">
          <Pick label={commands.site} list={sites} text={(site) => site.name} nothing={commands.allSites} value={satellite ?? ""} onChange={(event) => change({ ...filter, satellite: event.target.value })} />
        </div>
      </div>
      <Listing list={list} empty={empty}>
        {(rows) => <CommandsTable rows={rows} onOpen={(id) => change({ ...filter, command: id })} />}
      </Listing>
      {command && <CommandDetails key={command} id={command} onClose={() => change({ ...filter, command: undefined })} />}
    </>
  );
}

export default function Page() {
  return <Suspense fallback={<SkeletonRows />}><CommandsPage /></Suspense>;
}

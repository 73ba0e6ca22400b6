"use client";
import { CalendarDays, Plus } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { seesAll, useMe } from "@/lib/api/hooks";
import { routes } from "@/lib/routes";
import { pages } from "@/texts/pages";
import { schedulePages } from "@/texts/schedule-pages";
import { Button } from "@/ui/button";
import { Choice } from "@/ui/field";
import { Empty } from "@/ui/states";
import { PageHead } from "../_components/page";
import { Calendar } from "./calendar";
import { Details } from "./details";
import { CreateSchedule } from "./form";
import { List } from "./list";

type View = "calendar" | "list";

const VIEWS = (["calendar", "list"] as const).map((value) => ({ value, label: schedulePages.views[value] }));

/** With the way to grants, for those who may go it. */
function About({ keeps }: { keeps: boolean }) {
  return <>{schedulePages.aboutAll} {keeps ? <Link href={routes.grants()} className="underline hover:text-ink">{schedulePages.toGrants}</Link> : schedulePages.toGrants}</>;
}

/** One's own, or everybody's for those who may see all; administrators keep them. */
export default function SchedulesPage() {
  const me = useMe().data;
  const [view, setView] = useState<View>("calendar");
  const [creating, setCreating] = useState(false);
  const [opened, setOpened] = useState<string | null>(null);
  if (me === undefined) return null;
  const [all, keeps] = [seesAll(me.role), me.role === "admin"];
  const create = keeps && <Button look="primary" onClick={() => setCreating(true)}><Plus className="size-4" aria-hidden />{schedulePages.create}</Button>;
  const empty = all ? (
    <Empty icon={<CalendarDays />} title={schedulePages.none} action={create}>{schedulePages.noneAbout}</Empty>
  ) : (
    <Empty icon={<CalendarDays />} title={schedulePages.noneOwn}>{schedulePages.noneOwnAbout}</Empty>
  );
  return (
    <>
      <PageHead title={pages.schedules} about={all ? <About keeps={keeps} /> : schedulePages.aboutOwn}>
        <Choice label={schedulePages.view} hideLabel value={view} options={VIEWS} onChange={setView} />
        {create}
      </PageHead>
      {view === "calendar" ? <Calendar all={all} onOpen={setOpened} /> : <List all={all} empty={empty} onOpen={setOpened} />}
      {opened !== null && <Details id={opened} keeps={keeps} onClose={() => setOpened(null)} />}
      {creating && <CreateSchedule onClose={() => setCreating(false)} />}
    </>
  );
}

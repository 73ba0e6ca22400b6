"use client";
/** One schedule: its next windows on the site's clocks and on one's own; administrators change or cancel it from here. */
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { ApiError, call, sentence } from "@/lib/api/client";
import { useAction } from "@/lib/api/hooks";
import type { ScheduledAccess } from "@/lib/api/schema";
import { dateIn, onClocks } from "@/lib/zone-time";
import { anywhere } from "@/texts/anywhere";
import { schedulePages } from "@/texts/schedule-pages";
import { Button } from "@/ui/button";
import { Confirm, Dialog, DialogButtons, DialogOpener } from "@/ui/dialog";
import { Facts } from "@/ui/facts";
import { Failure, SkeletonRows } from "@/ui/states";
import { useToast } from "@/ui/toast";
import { termsInWords } from "../admin/grants/words";
import { Time } from "../_components/page";
import { WindowsTable } from "../_components/windows-table";
import { EditSchedule } from "./form";
import { nextWords, StatusBadge } from "./list";

const REFRESH_MS = 5000;

function About({ schedule }: { schedule: ScheduledAccess }) {
  const next = nextWords(schedule);
  const facts = [
    { name: anywhere.state, value: <span className="flex flex-wrap items-center gap-2"><StatusBadge status={schedule.status} />{next && <span className="text-muted">{next}</span>}</span> },
    { name: anywhere.user, value: schedule.user },
    { name: anywhere.target, value: anywhere.targetIn(schedule.target, schedule.zone) },
    { name: schedulePages.when, value: termsInWords({ schedule }) },
    ...(schedule.recurrence_rule ? [{ name: schedulePages.rule, value: <code className="font-mono text-xs break-words">{schedule.recurrence_rule}</code> }] : []),
    ...(schedule.exceptions.length > 0 ? [{ name: schedulePages.leftOut, value: schedule.exceptions.map((time) => dateIn(onClocks(time, schedule.timezone).slice(0, 10))).join(" · ") }] : []),
    { name: schedulePages.terms, value: termsInWords(schedule) ?? schedulePages.noLimits },
    ...(schedule.metadata ? [{ name: schedulePages.metadata, value: <code className="font-mono text-xs">{JSON.stringify(schedule.metadata)}</code> }] : []),
    { name: anywhere.created, value: <Time value={schedule.created_at} /> },
  ];
  return (
    <>
      <Facts items={facts} />
      <h3 className="mt-4 mb-1 text-[13px] font-medium">{schedulePages.nextWindows}</h3>
      <div className="rounded-md bg-sunken px-3 py-2 text-[13px]">
        {schedule.windows.length === 0 ? <p className="text-muted">{schedulePages.noneLeft}</p> : <WindowsTable windows={schedule.windows} zone={schedule.zone_timezone} />}
      </div>
    </>
  );
}

export function Details({ id, keeps, onClose }: { id: string; keeps: boolean; onClose: () => void }) {
  // One dialog follows another: the focus goes back to what opened the first.
  const [opener] = useState(() => ({ current: document.activeElement instanceof HTMLElement ? document.activeElement : null }));
  const [asked, setAsked] = useState<"edit" | "cancel" | null>(null);
  const cancel = useAction("DELETE /api/v1/schedules/{id}");
  const say = useToast();
  const found = useQuery({
    queryKey: ["GET /api/v1/schedules/{id}", id],
    queryFn: () => call("GET /api/v1/schedules/{id}", { path: { id } }),
    refetchInterval: REFRESH_MS,
  });
  const schedule = found.data;
  const name = schedule ? schedulePages.userOn(schedule.user, schedule.target) : "";
  const shown = (): ReactNode => {
    if (schedule && asked === "edit") return <EditSchedule schedule={schedule} onClose={onClose} />;
    if (asked === "cancel") {
      const confirmed = async () => {
        await cancel.mutateAsync({ path: { id } });
        say(schedulePages.isCancelled(name));
      };
      return <Confirm open onOpenChange={(open) => !open && onClose()} title={schedulePages.cancelAsked(name)} consequence={schedulePages.cancelling} action={schedulePages.cancel} onConfirm={confirmed} explain={sentence} />;
    }
    const gone = found.error instanceof ApiError && found.error.status === 404;
    return (
      <Dialog open wide onOpenChange={(open) => !open && onClose()} title={schedule ? name : anywhere.loading}>
        {found.error && <div className="mb-4"><Failure onRetry={() => void found.refetch()}>{gone ? schedulePages.missing : sentence(found.error)}</Failure></div>}
        {schedule ? <About schedule={schedule} /> : !found.error && <SkeletonRows rows={3} />}
        {keeps && schedule && schedule.status !== "cancelled" && (
          <DialogButtons>
            <Button look="danger" onClick={() => setAsked("cancel")}>{schedulePages.cancelAsking}</Button>
            <Button onClick={() => setAsked("edit")}>{schedulePages.edit}</Button>
          </DialogButtons>
        )}
      </Dialog>
    );
  };
  return <DialogOpener value={opener}>{shown()}</DialogOpener>;
}

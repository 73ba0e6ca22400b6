"use client";
/** A month of windows, on one's own clocks: a table where there is room, else a list of its days. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { call, sentence } from "@/lib/api/client";
import type { ScheduledWindow } from "@/lib/api/schema";
import { shortTime } from "@/lib/format";
import { dateOf, dayFrom, dayName, hourOf, monthName, monthOf, firstOf, onDay, partOn, weekdayName, weeksOf, type Day } from "@/lib/month";
import { ownZone } from "@/lib/zone-time";
import { schedulePages } from "@/texts/schedule-pages";
import { Button, IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";
import { Failure } from "@/ui/states";

const REFRESH_MS = 30_000;
/** More of a day are shown when asked for. */
const SHOWN = 3;

interface Shown {
  /** Whether they are everybody's. */
  all: boolean;
  onOpen: (schedule: string) => void;
}

const LOOKS = { over: "bg-sunken text-muted hover:text-ink", open: "bg-ok-soft text-ok", ahead: "bg-accent-soft text-accent" };

function look({ start_time, end_time }: ScheduledWindow): keyof typeof LOOKS {
  const now = Date.now();
  if (Date.parse(end_time) <= now) return "over";
  return Date.parse(start_time) <= now ? "open" : "ahead";
}

function WindowButton({ window, day, all, onOpen }: Shown & { window: ScheduledWindow; day: Day }) {
  const what = all ? schedulePages.userOn(window.user, window.target) : window.target;
  const inShort = all ? schedulePages.inShort(window.user, window.target) : window.target;
  const whole = schedulePages.window(what, shortTime(window.start_time), shortTime(window.end_time));
  const part = { begins: hourOf(window.start_time), ends: schedulePages.until(hourOf(window.end_time)), lasts: schedulePages.lasts }[partOn(window, day)];
  return (
    <button type="button" title={whole} aria-label={whole} onClick={() => onOpen(window.schedule_id)} className={cx("flex w-full min-w-0 gap-1 rounded px-1 py-0.5 text-left text-xs hover:underline", LOOKS[look(window)])}>
      <span className="shrink-0 font-medium tabular-nums">{part}</span>
      <span className="truncate">{inShort}</span>
    </button>
  );
}

function DayCell({ day, windows, reached, ...shown }: Shown & { day: Day; windows: ScheduledWindow[]; reached: boolean }) {
  const [whole, setWhole] = useState(false);
  const here = onDay(windows, day);
  const hidden = here.length > SHOWN + 1 ? here.length - SHOWN : 0;
  const isToday = day.begins <= Date.now() && Date.now() < day.ends;
  return (
    <td data-date={day.date} tabIndex={reached ? 0 : -1} aria-current={isToday ? "date" : undefined} className={cx("h-24 border-l border-line p-1 align-top first:border-l-0 focus-visible:-outline-offset-2", !day.inMonth && "bg-canvas")}>
      <time dateTime={day.date} aria-label={dayName(day)} className={cx("mb-1 ml-auto grid size-6 place-items-center rounded-full text-xs tabular-nums", isToday ? "bg-accent font-semibold text-accent-ink" : day.inMonth ? "text-muted" : "text-faint")}>
        {Number(day.date.slice(8))}
      </time>
      <ul className="space-y-0.5">
        {(whole || hidden === 0 ? here : here.slice(0, SHOWN)).map((window) => <li key={window.schedule_id + window.start_time}><WindowButton window={window} day={day} {...shown} /></li>)}
      </ul>
      {hidden > 0 && (
        <button type="button" aria-expanded={whole} onClick={() => setWhole(!whole)} className="mt-0.5 rounded px-1.5 text-xs text-muted hover:text-ink hover:underline">
          {whole ? schedulePages.fewer : schedulePages.more(hidden)}
        </button>
      )}
    </td>
  );
}

interface MonthProps extends Shown {
  weeks: Day[][];
  label: string;
  windows: ScheduledWindow[];
  /** The day that Tab reaches. */
  at: string;
  onGo: (date: string) => void;
}

/** Its days by the arrow keys, from any of them or of their windows. */
function Month({ weeks, label, at, onGo, ...shown }: MonthProps) {
  const table = useRef<HTMLTableElement>(null);
  const gone = useRef(false);
  const keys = useId();
  const focus = (date: string) => table.current?.querySelector<HTMLElement>(`[data-date="${date}"]`)?.focus();
  useEffect(() => {
    if (gone.current) focus(at);
    gone.current = false;
  }, [at]);
  const onKeyDown = (event: KeyboardEvent) => {
    const day = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-date]") : null;
    if (!day?.dataset.date || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === "Enter" && event.target === day) {
      event.preventDefault();
      return day.querySelector("button")?.focus();
    }
    const next = dayFrom(day.dataset.date, event.key);
    if (next === null) return;
    event.preventDefault();
    if (next === at) return focus(at);
    // The day may be in another month, and is there once that is.
    gone.current = true;
    onGo(next);
  };
  return (
    <div className="hidden overflow-hidden rounded-xl border border-line bg-surface shadow-card md:block">
      <p id={keys} className="sr-only">{schedulePages.keys}</p>
      <table ref={table} role="grid" aria-label={label} aria-describedby={keys} onKeyDown={onKeyDown} className="w-full table-fixed border-collapse">
        <thead>
          <tr className="text-xs text-muted">{weeks[0]?.map((day) => <th key={day.date} scope="col" className="px-2 py-1.5 text-right font-medium">{weekdayName(day)}</th>)}</tr>
        </thead>
        <tbody>
          {weeks.map((week) => <tr key={week[0]?.date} className="border-t border-line">{week.map((day) => <DayCell key={day.date} day={day} reached={day.date === at} {...shown} />)}</tr>)}
        </tbody>
      </table>
    </div>
  );
}

function Agenda({ days, windows, ...shown }: Shown & { days: Day[]; windows: ScheduledWindow[] }) {
  const [whole, setWhole] = useState(false);
  const filled = days.filter((day) => onDay(windows, day).length > 0);
  const earlier = filled.filter((day) => day.ends <= Date.now()).length;
  // What is over is not what one looks for, as long as something is to come.
  const hidden = whole || earlier === filled.length ? 0 : earlier;
  const busy = filled.slice(hidden);
  if (busy.length === 0) return null;
  return (
    <ol className="space-y-3 rounded-xl border border-line bg-surface p-3 shadow-card md:hidden">
      {hidden > 0 && <li><Button small look="quiet" className="-ml-2.5" onClick={() => setWhole(true)}>{schedulePages.earlier}</Button></li>}
      {busy.map((day) => (
        <li key={day.date}>
          <h3 className="mb-1 text-[13px] font-medium">{dayName(day)}</h3>
          <ul className="space-y-1">{onDay(windows, day).map((window) => <li key={window.schedule_id + window.start_time}><WindowButton window={window} day={day} {...shown} /></li>)}</ul>
        </li>
      ))}
    </ol>
  );
}

export function Calendar({ all, onOpen }: Shown) {
  const [at, go] = useState(() => dateOf(new Date()));
  const month = at.slice(0, 7);
  const weeks = weeksOf(month);
  const days = weeks.flat();
  const [from, to] = [days.at(0)?.begins ?? 0, days.at(-1)?.ends ?? 0].map((moment) => new Date(moment).toISOString()) as [string, string];
  const found = useQuery({
    queryKey: ["GET /api/v1/schedules/windows", from, to],
    queryFn: () => call("GET /api/v1/schedules/windows", { query: { from, to } }),
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
  const windows = found.data?.windows ?? [];
  const loading = found.isPending || found.isPlaceholderData;
  const none = found.data !== undefined && !loading && !days.some((day) => day.inMonth && onDay(windows, day).length > 0);
  const turn = (away: number) => go(dateOf(firstOf(monthOf(firstOf(month), away))));
  return (
    <div aria-busy={loading || undefined} className="space-y-3">
      <div className="flex flex-wrap items-center gap-1">
        <h2 aria-live="polite" className="mr-2 min-w-36 text-base font-semibold">{monthName(month)}</h2>
        <IconButton label={schedulePages.monthBefore} onClick={() => turn(-1)}><ChevronLeft className="size-4" aria-hidden /></IconButton>
        <Button small onClick={() => go(dateOf(new Date()))}>{schedulePages.today}</Button>
        <IconButton label={schedulePages.monthBehind} onClick={() => turn(1)}><ChevronRight className="size-4" aria-hidden /></IconButton>
        <p className="ml-auto text-[13px] text-faint">{schedulePages.ownTimes(ownZone())}</p>
      </div>
      {found.error && <Failure onRetry={() => void found.refetch()}>{sentence(found.error)}</Failure>}
      {found.data?.more && <p role="status" className="rounded-md bg-warn-soft px-3 py-2 text-[13px] text-warn">{schedulePages.tooMany}</p>}
      {none && <p role="status" className="rounded-xl border border-dashed border-line-strong px-4 py-8 text-center text-muted md:rounded-md md:py-2 md:text-left md:text-[13px]">{schedulePages.noWindows}</p>}
      {(found.data !== undefined || !found.error) && (
        <div className={cx(loading && "opacity-60")}><Month weeks={weeks} label={monthName(month)} windows={windows} at={at} onGo={go} all={all} onOpen={onOpen} /></div>
      )}
      {found.data && <Agenda key={month} days={days.filter((day) => day.inMonth)} windows={windows} all={all} onOpen={onOpen} />}
    </div>
  );
}

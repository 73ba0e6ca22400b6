"use client";
/** When something holds: windows on a zone's clocks, with the next ones shown; as fields of a form. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { ApiError, call, sentence } from "@/lib/api/client";
import { fieldError } from "@/lib/api/hooks";
import type { Schedule } from "@/lib/api/schema";
import { choiceOf, REPEATS, ruleOf, type Repeats } from "@/lib/repeats";
import { useSettled } from "@/lib/use-settled";
import { isDate, moment, onClocks } from "@/lib/zone-time";
import { schedules } from "@/texts/schedules";
import { Input, Select } from "@/ui/field";
import { TimeZone } from "./time-zone";
import { WindowsTable } from "./windows-table";

export const WINDOWS = ["start_time", "end_time", "timezone", "recurrence_rule", "exceptions"];

const TYPING_MS = 300;

const text = (values: FormData, name: string): string => String(values.get(name) ?? "").trim();

/** As the form has it; `within` is what stands before its fields' names where one of them is wrong. */
export function readWindows(values: FormData, within = ""): Schedule {
  const zone = text(values, "timezone") || "UTC";
  const [begins, ends] = [text(values, "begins"), text(values, "ends")];
  // What a zone that is none shows is for the hub to say.
  const time = (local: string) => (moment(local, zone) ?? moment(local, "UTC"))?.toISOString();
  const [start_time, end_time] = [time(begins), time(ends)];
  if (start_time === undefined || end_time === undefined) throw new ApiError(0, "invalid", schedules.timesWrong, `${within}end_time`);
  const exceptions = text(values, "exceptions").split(/[\s,;]+/).filter(Boolean).map((date) => {
    const left = isDate(date) ? time(`${date}${begins.slice(10)}`) : undefined;
    if (left === undefined) throw new ApiError(0, "invalid", schedules.exceptionsWrong(date), `${within}exceptions`);
    return left;
  });
  const recurrence_rule = ruleOf(text(values, "repeats") as Repeats, begins, text(values, "rule"));
  return { start_time, end_time, timezone: zone, exceptions, ...(recurrence_rule === null ? {} : { recurrence_rule }) };
}

/** What of a schedule says when; the hub takes nothing else for it. */
const whenOf = ({ start_time, end_time, timezone, recurrence_rule, exceptions }: Schedule): Schedule => ({ start_time, end_time, timezone, recurrence_rule, exceptions });

function tried(values: FormData): Schedule | null {
  try {
    return readWindows(values);
  } catch {
    return null;
  }
}

/** The next windows of what the form says, in its zone and here. */
function Outlook({ schedule }: { schedule: Schedule }) {
  const settled = useSettled(JSON.stringify(schedule), TYPING_MS);
  const found = useQuery({
    queryKey: ["POST /api/v1/schedules/validate", settled],
    queryFn: () => call("POST /api/v1/schedules/validate", { body: JSON.parse(settled) as Schedule }),
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <div aria-live="polite" className="rounded-md bg-sunken px-3 py-2 text-[13px]">
      <p className="font-medium">{schedules.next}</p>
      {found.isError ? (
        <p className="text-bad">{sentence(found.error)}</p>
      ) : found.data?.windows.length === 0 ? (
        <p className="text-muted">{schedules.none}</p>
      ) : (
        <WindowsTable windows={found.data?.windows ?? []} zone={schedule.timezone ?? "UTC"} />
      )}
    </div>
  );
}

interface Props {
  schedule?: Schedule | null;
  /** On whose clocks a new one begins. */
  zone: string;
  within?: string;
  error: unknown;
}

export function WindowFields({ schedule, zone: begun, within = "", error }: Props) {
  const zone = schedule?.timezone ?? begun;
  const local = (time: string | undefined) => (time ? onClocks(time, zone) : "");
  const [repeats, setRepeats] = useState<Repeats>(choiceOf(schedule?.recurrence_rule, local(schedule?.start_time)));
  const [said, setSaid] = useState<Schedule | null>(schedule ? whenOf(schedule) : null);
  const problem = (field: string) => fieldError(error, within + field);
  const changed = (event: FormEvent<HTMLDivElement>) => {
    const form = event.target instanceof Element ? event.target.closest("form") : null;
    if (form) setSaid(tried(new FormData(form)));
  };
  return (
    <div className="space-y-4" onInput={changed}>
      <Input label={schedules.begins} name="begins" type="datetime-local" required defaultValue={local(schedule?.start_time)} error={problem("start_time")} />
      <Input label={schedules.ends} name="ends" type="datetime-local" required defaultValue={local(schedule?.end_time)} hint={schedules.endsHint} error={problem("end_time")} />
      <div className="grid gap-4 sm:grid-cols-2">
        <TimeZone key={zone} label={schedules.timezone} name="timezone" defaultValue={zone} hint={schedules.timezoneHint} error={problem("timezone")} />
        <Select label={schedules.repeats} name="repeats" defaultValue={repeats} onChange={(event) => setRepeats(event.target.value as Repeats)} error={repeats === "custom" ? null : problem("recurrence_rule")}>
          {REPEATS.map((choice) => <option key={choice} value={choice}>{schedules.repeating[choice]}</option>)}
        </Select>
      </div>
      {repeats === "custom" && (
        <Input label={schedules.rule} name="rule" required maxLength={500} defaultValue={schedule?.recurrence_rule ?? ""} placeholder={schedules.ruleExample} spellCheck={false} autoCapitalize="characters" hint={schedules.ruleHint} error={problem("recurrence_rule")} />
      )}
      {repeats !== "once" && (
        <Input label={schedules.exceptions} name="exceptions" defaultValue={schedule?.exceptions?.map((time) => local(time).slice(0, 10)).join(", ") ?? ""} hint={schedules.exceptionsHint} error={problem("exceptions")} />
      )}
      {said && <Outlook schedule={said} />}
    </div>
  );
}

"use client";
/** When a grant holds: always, or in windows on a zone's clocks, with the next ones shown; as fields of a form. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";
import { ApiError, call, sentence } from "@/lib/api/client";
import { fieldError } from "@/lib/api/hooks";
import type { Schedule } from "@/lib/api/schema";
import { choiceOf, REPEATS, ruleOf, type Repeats } from "@/lib/repeats";
import { useSettled } from "@/lib/use-settled";
import { moment, onClocks, ownZone, zoneNames } from "@/lib/zone-time";
import { schedules } from "@/texts/schedules";
import { Choice, Input, Select } from "@/ui/field";

export const SCHEDULE = ["schedule.end_time", "schedule.timezone", "schedule.recurrence_rule", "schedule.exceptions"];

type Kind = "always" | "windows";

const KINDS = (["always", "windows"] as const).map((value) => ({ value, label: schedules.kinds[value] }));
const TYPING_MS = 300;

const text = (values: FormData, name: string): string => String(values.get(name) ?? "").trim();

/** As the form has it; `null`: always. */
export function readSchedule(values: FormData): Schedule | null {
  if (text(values, "when") !== "windows") return null;
  const zone = text(values, "timezone") || "UTC";
  const [begins, ends] = [text(values, "begins"), text(values, "ends")];
  // What a zone that is none shows is for the hub to say.
  const time = (local: string) => (moment(local, zone) ?? moment(local, "UTC"))?.toISOString();
  const [start_time, end_time] = [time(begins), time(ends)];
  if (start_time === undefined || end_time === undefined) throw new ApiError(0, "invalid", schedules.timesWrong, "schedule.end_time");
  const exceptions = text(values, "exceptions").split(/[\s,;]+/).filter(Boolean).map((date) => {
    const left = /^\d{4}-\d{2}-\d{2}$/.test(date) ? time(`${date}${begins.slice(10)}`) : undefined;
    if (left === undefined) throw new ApiError(0, "invalid", schedules.exceptionsWrong, "schedule.exceptions");
    return left;
  });
  const recurrence_rule = ruleOf(text(values, "repeats") as Repeats, begins, text(values, "rule"));
  return { start_time, end_time, timezone: zone, exceptions, ...(recurrence_rule === null ? {} : { recurrence_rule }) };
}

function tried(values: FormData): Schedule | null {
  try {
    return readSchedule(values);
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
  const zones = [...new Set([schedule.timezone ?? "UTC", ownZone()])];
  const shown = (time: string, zone: string) => onClocks(time, zone).replace("T", " ");
  return (
    <div aria-live="polite" className="rounded-md bg-sunken px-3 py-2 text-[13px]">
      <p className="font-medium">{schedules.next}</p>
      {found.isError ? (
        <p className="text-bad">{sentence(found.error)}</p>
      ) : found.data?.windows.length === 0 ? (
        <p className="text-muted">{schedules.none}</p>
      ) : (
        <table className="w-full text-left tabular-nums">
          <thead className="text-faint">
            <tr>{zones.map((zone) => <th key={zone} className="font-normal">{schedules.zoneTimes(zone)}</th>)}</tr>
          </thead>
          <tbody>
            {found.data?.windows.map(({ start_time, end_time }) => (
              <tr key={start_time}>
                {zones.map((zone) => <td key={zone}>{schedules.span(shown(start_time, zone), shown(end_time, zone))}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

export function ScheduleFields({ schedule, error }: { schedule?: Schedule | null; error: unknown }) {
  const zone = schedule?.timezone ?? ownZone();
  const begun = schedule ? onClocks(schedule.start_time, zone) : "";
  const [kind, setKind] = useState<Kind>(schedule ? "windows" : "always");
  const [repeats, setRepeats] = useState<Repeats>(choiceOf(schedule?.recurrence_rule, begun));
  const [said, setSaid] = useState<Schedule | null>(schedule ?? null);
  const zones = useId();
  const changed = (event: FormEvent<HTMLDivElement>) => {
    const form = event.target instanceof Element ? event.target.closest("form") : null;
    if (form) setSaid(tried(new FormData(form)));
  };
  return (
    <>
      <Choice label={schedules.when} value={kind} options={KINDS} onChange={setKind} />
      <input type="hidden" name="when" value={kind} />
      {kind === "windows" && (
        <div className="space-y-4" onInput={changed}>
          <Input label={schedules.begins} name="begins" type="datetime-local" required defaultValue={begun} />
          <Input label={schedules.ends} name="ends" type="datetime-local" required defaultValue={schedule ? onClocks(schedule.end_time, zone) : ""} hint={schedules.endsHint} error={fieldError(error, "schedule.end_time")} />
          <div className="grid gap-4 sm:grid-cols-2">
            <Input label={schedules.timezone} name="timezone" required list={zones} defaultValue={zone} spellCheck={false} hint={schedules.timezoneHint} error={fieldError(error, "schedule.timezone")} />
            <datalist id={zones}>{zoneNames().map((name) => <option key={name} value={name} />)}</datalist>
            <Select label={schedules.repeats} name="repeats" defaultValue={repeats} onChange={(event) => setRepeats(event.target.value as Repeats)} error={repeats === "custom" ? null : fieldError(error, "schedule.recurrence_rule")}>
              {REPEATS.map((choice) => <option key={choice} value={choice}>{schedules.repeating[choice]}</option>)}
            </Select>
          </div>
          {repeats === "custom" && (
            <Input label={schedules.rule} name="rule" required maxLength={500} defaultValue={schedule?.recurrence_rule ?? ""} placeholder={schedules.ruleExample} spellCheck={false} autoCapitalize="characters" hint={schedules.ruleHint} error={fieldError(error, "schedule.recurrence_rule")} />
          )}
          {repeats !== "once" && (
            <Input label={schedules.exceptions} name="exceptions" defaultValue={schedule?.exceptions?.map((time) => onClocks(time, zone).slice(0, 10)).join(", ") ?? ""} hint={schedules.exceptionsHint} error={fieldError(error, "schedule.exceptions")} />
          )}
          {said && <Outlook schedule={said} />}
        </div>
      )}
    </>
  );
}

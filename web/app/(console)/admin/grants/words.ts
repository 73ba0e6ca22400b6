import type { Grant, Schedule } from "@/lib/api/schema";
import { duration } from "@/lib/format";
import { choiceOf, weekdaysOf } from "@/lib/repeats";
import { onClocks, timeIn } from "@/lib/zone-time";
import { grants } from "@/texts/grants";
import { schedules } from "@/texts/schedules";
import { units } from "@/texts/units";

/** How a grant may be used; what is `null` is not limited. */
export interface Terms {
  max_session_seconds?: number | null;
  idle_seconds?: number | null;
  consent?: string | null;
  offline_seconds?: number;
  clipboard_copy?: boolean;
  clipboard_paste?: boolean;
  file_download?: boolean;
  file_upload?: boolean;
  /** `null`: it always holds. */
  schedule?: Schedule | null;
}

export const DAY_S = 86_400;
/** How long access goes on without the hub, as the form offers it. */
export const OFFLINE_CHOICES = [0, 300, 3600, 28_800, DAY_S, 7 * DAY_S, 28 * DAY_S];

/** What may pass between a desktop and its user's computer where nothing is said. */
export const USUAL_TRANSFER = { clipboard_copy: true, clipboard_paste: true, file_download: false, file_upload: false };
export type Way = keyof typeof USUAL_TRANSFER;
export const WAYS = Object.keys(USUAL_TRANSFER) as Way[];

/** "no copying from desktops", "files to desktops": each way that is not as usual. */
const unusualWays = (terms: Partial<Record<Way, boolean>>): string[] =>
  WAYS.filter((way) => (terms[way] ?? USUAL_TRANSFER[way]) !== USUAL_TRANSFER[way]).map((way) => grants.unusual[way]);

/** "copy text, take files": each way that is open. */
export const waysInWords = (terms: Record<Way, boolean>): string => WAYS.filter((way) => terms[way]).map((way) => grants.passing[way]).join(", ") || grants.nothingPasses;

/** "4 days", "26 h". */
const lasting = (seconds: number): string => (seconds % DAY_S === 0 ? units.days(seconds / DAY_S) : duration(seconds * 1000));
const spell = (seconds: number): string => grants.offlineNames[seconds] ?? lasting(seconds);

/** The time without the hub alone. */
export const offlineSpell = (seconds: number): string => (seconds === 0 ? grants.offlineNever : spell(seconds));

/** "8 hours without the hub". */
const offlineInWords = (seconds: number): string => (seconds === 0 ? grants.notAlone : grants.alone(spell(seconds)));

/** What the form offers for a grant that has this value: also one that it would not offer otherwise. */
export const offlineChoices = (present: number): { value: number; label: string }[] =>
  [...new Set([...OFFLINE_CHOICES, present])].sort((a, b) => a - b).map((value) => ({ value, label: offlineSpell(value) }));

/** "every Monday and Thursday", of a rule and the day on which its first window begins; a rule that has no such words is just one. */
function howOften(rule: string, begins: string): string {
  const choice = choiceOf(rule, begins);
  if (choice === "daily" || choice === "weekdays") return schedules.repeating[choice];
  if (choice === "monthly") return schedules.onDate(Number(begins.slice(8, 10)));
  const weekdays = weekdaysOf(rule);
  return weekdays ? schedules.onDays(weekdays.days.map((day) => schedules.weekdays[day] ?? day), weekdays.weeks) : schedules.inWindows;
}

/** "Monday to Friday 08:00 to 16:00 (Europe/Berlin)"; of what happens once, when. All on the clocks that count. */
function whenInWords({ start_time, end_time, recurrence_rule, timezone }: Schedule): string {
  const zone = timezone ?? "UTC";
  const [begins, ends] = [onClocks(start_time, zone), onClocks(end_time, zone)];
  const clock = (time: string) => onClocks(time, zone).slice(11);
  if (!recurrence_rule) return schedules.once(timeIn(start_time, zone), begins.slice(0, 10) === ends.slice(0, 10) ? clock(end_time) : timeIn(end_time, zone), zone);
  const how = howOften(recurrence_rule, begins);
  const lasts = Date.parse(end_time) - Date.parse(start_time);
  return lasts < DAY_S * 1000 ? schedules.again(how, clock(start_time), clock(end_time), zone) : schedules.lasting(how, clock(start_time), lasting(lasts / 1000), zone);
}

export const who = (grant: Grant): string => grant.user ?? grant.group ?? "–";
export const what = (grant: Grant): string => grant.target ?? grant.zone ?? grant.label ?? "–";

/** What a grant opens, in a sentence. */
export function granted(grant: Grant): string {
  if (grant.zone_id) return grants.everyOfZone(what(grant));
  return grant.label ? grants.everyWithLabel(grant.label) : what(grant);
}

export const inWords = (grant: Grant): string => grants.one(who(grant), granted(grant));

/** "At most 8 h · ends when idle for 15 min · text to agree to"; without terms `null`. */
export function termsInWords({ max_session_seconds: longest, idle_seconds: idle, consent, offline_seconds: alone = DAY_S, schedule, ...ways }: Terms): string | null {
  const parts = [schedule && whenInWords(schedule), longest && grants.atMost(duration(longest * 1000)), idle && grants.endsIdle(duration(idle * 1000)), consent && grants.asks, alone !== DAY_S && offlineInWords(alone), ...unusualWays(ways)];
  const text = parts.filter(Boolean).join(" · ");
  return text === "" ? null : text.charAt(0).toUpperCase() + text.slice(1);
}

/** Seconds as minutes in a field, and back: whole seconds, or none. */
export const minutes = (value: number | null | undefined): string => (value ? String(Math.round((value / 60) * 1000) / 1000) : "");
export const seconds = (field: string): number | null => (field.trim() === "" ? null : Math.round(Number(field) * 60));

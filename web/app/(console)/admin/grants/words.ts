import type { Grant, Schedule } from "@/lib/api/schema";
import { duration, shortTime } from "@/lib/format";
import { choiceOf } from "@/lib/repeats";
import { onClocks } from "@/lib/zone-time";
import { grants } from "@/texts/grants";
import { schedules } from "@/texts/schedules";

/** How a grant may be used; what is `null` is not limited. */
export interface Terms {
  max_session_seconds?: number | null;
  idle_seconds?: number | null;
  consent?: string | null;
  /** `null`: it always holds. */
  schedule?: Schedule | null;
}

const DAY_MS = 86_400_000;

/** "Monday to Friday"; of what happens once, when. */
function whenInWords({ start_time, end_time, recurrence_rule, timezone }: Schedule): string {
  const zone = timezone ?? "UTC";
  const choice = choiceOf(recurrence_rule, onClocks(start_time, zone));
  if (choice === "once") return schedules.once(shortTime(start_time), shortTime(end_time));
  const clock = (time: string) => onClocks(time, zone).slice(11);
  const how = choice === "custom" ? schedules.inWindows : schedules.repeating[choice];
  const lasts = Date.parse(end_time) - Date.parse(start_time);
  return lasts < DAY_MS ? schedules.again(how, clock(start_time), clock(end_time), zone) : schedules.lasting(how, clock(start_time), duration(lasts), zone);
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
export function termsInWords({ max_session_seconds: longest, idle_seconds: idle, consent, schedule }: Terms): string | null {
  const parts = [schedule && whenInWords(schedule), longest && grants.atMost(duration(longest * 1000)), idle && grants.endsIdle(duration(idle * 1000)), consent && grants.asks];
  const text = parts.filter(Boolean).join(" · ");
  return text === "" ? null : text.charAt(0).toUpperCase() + text.slice(1);
}

/** Seconds as minutes in a field, and back: whole seconds, or none. */
export const minutes = (value: number | null | undefined): string => (value ? String(Math.round((value / 60) * 1000) / 1000) : "");
export const seconds = (field: string): number | null => (field.trim() === "" ? null : Math.round(Number(field) * 60));

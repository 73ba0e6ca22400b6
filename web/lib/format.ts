/** Times, sizes and durations in words. */
import { units } from "@/texts/units";

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const short = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const withYear = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "short", day: "numeric" });

/** In full, for a tooltip. */
export const fullTime = (time: string): string => moment.format(new Date(time));

export function shortTime(time: string, now: Date = new Date()): string {
  const date = new Date(time);
  return Math.abs(now.getTime() - date.getTime()) < 300 * 86_400_000 ? short.format(date) : withYear.format(date);
}

/** "14:32" for a time of today, else as `shortTime`. */
export function clockTime(time: string, now: Date = new Date()): string {
  const date = new Date(time);
  return date.toDateString() === now.toDateString() ? timeOfDay.format(date) : shortTime(time, now);
}

const STEPS: [limit: number, divisor: number, words: (count: number) => string][] = [
  [90, 1, units.seconds],
  [90 * 60, 60, units.minutes],
  [36 * 3600, 3600, units.hours],
  [Infinity, 86_400, units.days],
];

/** "in 5 min", "3 h ago", "just now". */
export function relative(time: string, now: number = Date.now()): string {
  const seconds = (new Date(time).getTime() - now) / 1000;
  const size = Math.abs(seconds);
  if (size < 10) return units.justNow;
  const [, divisor, words] = STEPS.find(([limit]) => size < limit) ?? [0, 86_400, units.days];
  const text = words(Math.round(size / divisor));
  return seconds > 0 ? units.ahead(text) : units.ago(text);
}

/** "1:02:03" or "2:03". */
export function clock(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const pad = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds)}` : `${minutes}:${pad(seconds)}`;
}

/** "12 s", "4 min", "2 h 5 min". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return units.seconds(seconds);
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return units.minutes(minutes);
  return minutes % 60 === 0 ? units.hours(minutes / 60) : units.hoursAndMinutes(Math.floor(minutes / 60), minutes % 60);
}

export function bytes(size: number): string {
  if (size < 1000) return units.bytes(size);
  const names = units.largerBytes;
  let value = size;
  let unit = -1;
  do {
    value /= 1000;
    unit += 1;
  } while (value >= 999.5 && unit < names.length - 1);
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${names[unit]}`;
}

export const milliseconds = (ms: number): string => units.milliseconds(ms < 1 ? "<1" : ms < 10 ? ms.toFixed(1) : String(Math.round(ms)));

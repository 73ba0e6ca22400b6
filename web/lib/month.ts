/** A month as a calendar shows it: whole weeks from Monday on, on one's own clocks. Pure. */

export interface Day {
  /** `2026-03-02`. */
  date: string;
  /** Its first moment, and the first behind it. */
  begins: number;
  ends: number;
  /** Whether it belongs to the month, and not to the one before or behind it. */
  inMonth: boolean;
}

interface Window {
  start_time: string;
  end_time: string;
}

const pad = (value: number): string => String(value).padStart(2, "0");
export const dateOf = (day: Date): string => `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`;

/** The month (`2026-03`) of a day, so many months away. */
export function monthOf(day: Date, away = 0): string {
  return dateOf(new Date(day.getFullYear(), day.getMonth() + away, 1)).slice(0, 7);
}

export const firstOf = (month: string): Date => new Date(Number(month.slice(0, 4)), Number(month.slice(5)) - 1, 1);

/** Its weeks. */
export function weeksOf(month: string): Day[][] {
  const first = firstOf(month);
  const [year, at] = [first.getFullYear(), first.getMonth()];
  const before = (first.getDay() + 6) % 7;
  const days = new Date(year, at + 1, 0).getDate();
  const day = (count: number): Day => {
    const begins = new Date(year, at, count - before + 1);
    const ends = new Date(year, at, count - before + 2);
    return { date: dateOf(begins), begins: begins.getTime(), ends: ends.getTime(), inMonth: begins.getMonth() === at };
  };
  return Array.from({ length: Math.ceil((before + days) / 7) }, (_, week) => Array.from({ length: 7 }, (_, weekday) => day(week * 7 + weekday)));
}

/** The day to which a key leads from another, as in any calendar; `null`: the key leads nowhere. */
export function dayFrom(date: string, key: string): string | null {
  const [year, month, day] = date.split("-").map(Number) as [number, number, number];
  const weekday = (new Date(year, month - 1, day).getDay() + 6) % 7;
  const to = (months: number, days: number): string => dateOf(new Date(year, month - 1 + months, days));
  const away = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7, Home: -weekday, End: 6 - weekday }[key];
  if (away !== undefined) return to(0, day + away);
  const months = { PageUp: -1, PageDown: 1 }[key];
  // The last day of a month that is too short for it.
  return months === undefined ? null : to(months, Math.min(day, new Date(year, month + months, 0).getDate()));
}

/** Those that are open on that day, if only for a part of it. */
export const onDay = <W extends Window>(windows: W[], day: Day): W[] => windows.filter(({ start_time, end_time }) => Date.parse(start_time) < day.ends && Date.parse(end_time) > day.begins);

/** What of a window lies on that day: it begins there, ends there, or lasts all of it. */
export function partOn({ start_time, end_time }: Window, day: Day): "begins" | "ends" | "lasts" {
  if (Date.parse(start_time) >= day.begins) return "begins";
  return Date.parse(end_time) < day.ends ? "ends" : "lasts";
}

const named = new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const whole = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const hour = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** "March 2026". */
export const monthName = (month: string): string => named.format(firstOf(month));
/** "Mon". */
export const weekdayName = (day: Day): string => weekday.format(day.begins);
/** "Monday, March 2". */
export const dayName = (day: Day): string => whole.format(day.begins);
/** "08:00". */
export const hourOf = (time: string): string => hour.format(Date.parse(time));

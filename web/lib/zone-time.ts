/** Times on the clocks of a time zone, as fields for date and time have them, and moments. */

/** What the zone's clocks show, in milliseconds since 1970 as if they showed UTC; `null`: there is no such zone. */
function shown(moment: number, zone: string): number | null {
  try {
    const parts = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
    }).formatToParts(moment);
    const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
    return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  } catch {
    return null;
  }
}

/** The moment at which the zone's clocks show `local` (`2026-03-02T08:00`). Where they skip it, that much later. */
export function moment(local: string, zone: string): Date | null {
  const wanted = Date.parse(`${local}Z`);
  if (Number.isNaN(wanted)) return null;
  // The offset before it: right on both sides of a change, but for what a change skips or repeats.
  const dayBefore = shown(wanted - 86_400_000, zone);
  if (dayBefore === null) return null;
  const before = wanted - (dayBefore - (wanted - 86_400_000));
  if (shown(before, zone) === wanted) return new Date(before);
  const now = shown(before, zone) ?? before;
  const other = wanted - (now - before);
  return new Date(shown(other, zone) === wanted ? other : before);
}

/** What the zone's clocks show at a moment: `2026-03-02T08:00`. */
export function onClocks(time: string, zone: string): string {
  const clock = shown(Date.parse(time), zone);
  return clock === null ? "" : new Date(clock).toISOString().slice(0, 16);
}

/** "Mar 2, 2026, 08:00" on the zone's clocks, whose name the browser may not know. */
export function timeIn(time: string, zone: string): string {
  return new Intl.DateTimeFormat(undefined, { timeZone: "UTC", year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(shown(Date.parse(time), zone) ?? Date.parse(time));
}

/** Whether it is a date such as `2026-03-02`; the thirty-first of a month that has thirty days is none. */
export const isDate = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);

/** "Mar 2, 2026" of a date such as `2026-03-02`. */
export const dateIn = (date: string): string => new Intl.DateTimeFormat(undefined, { timeZone: "UTC", dateStyle: "medium" }).format(Date.parse(date));

export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export const zoneNames = (): string[] => ["UTC", ...Intl.supportedValuesOf("timeZone")];

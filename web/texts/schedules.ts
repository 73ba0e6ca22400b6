/** When a grant holds. */
import { listed } from "./listed";

export const schedules = {
  when: "When",
  kinds: { always: "Always", windows: "In windows" },
  begins: "Begins",
  ends: "Ends",
  endsHint: "At most 31 days later. Every repeat lasts as long as this one.",
  timezone: "Time zone",
  timezoneHint: "Whose clocks count: the site’s.",
  repeats: "Repeats",
  repeating: {
    once: "Not at all",
    daily: "Every day",
    weekdays: "Monday to Friday",
    weekly: "Every week on that day",
    monthly: "Every month on that date",
    custom: "By a rule",
  },
  rule: "Rule",
  ruleExample: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
  ruleHint: "As calendars write it (RFC 5545), without “RRULE:”; hourly at most.",
  exceptions: "Left out (optional)",
  exceptionsHint: "Dates on which no window begins, such as 2026-12-24, 2026-12-25.",
  exceptionsWrong: (date: string) => `“${date}” is no date. Write dates such as 2026-12-24, with commas between.`,
  timesWrong: "Say when it begins and ends.",

  next: "Next windows",
  none: "None is left.",
  zoneTimes: (zone: string) => `In ${zone}`,
  from: (time: string) => `${time} –`,
  span: (from: string, to: string) => `${from} – ${to}`,

  /** In a row, before the other terms. */
  inWindows: "by a rule",
  once: (from: string, to: string, zone: string) => `${from} to ${to} (${zone})`,
  onDays: (days: string[], weeks: number) => (weeks === 1 ? `every ${listed(days)}` : `every ${weeks} weeks on ${listed(days)}`),
  onDate: (day: number) => `every month on day ${day}`,
  weekdays: { MO: "Monday", TU: "Tuesday", WE: "Wednesday", TH: "Thursday", FR: "Friday", SA: "Saturday", SU: "Sunday" } as Record<string, string>,
  /** A day or longer. */
  lasting: (how: string, from: string, time: string, zone: string) => `${how} from ${from} for ${time} (${zone})`,
  again: (how: string, from: string, to: string, zone: string) => `${how} ${from} to ${to} (${zone})`,
};

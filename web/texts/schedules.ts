/** When a grant holds. */
export const schedules = {
  when: "When",
  kinds: { always: "Always", windows: "In windows" },
  begins: "Begins",
  ends: "Ends",
  endsHint: "At most 31 days later. Every window lasts as long.",
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
  ruleHint: "As calendars have it (RFC 5545), hourly at most.",
  exceptions: "Left out (optional)",
  exceptionsHint: "Dates without a window, such as 2026-12-24, 2026-12-25.",
  exceptionsWrong: "Write dates such as 2026-12-24, with commas between.",
  timesWrong: "Say when it begins and ends.",

  next: "Next windows",
  none: "None is left.",
  zoneTimes: (zone: string) => `In ${zone}`,
  span: (from: string, to: string) => `${from} – ${to}`,

  /** In a row, before the other terms. */
  inWindows: "by a rule",
  once: (from: string, to: string) => `${from} to ${to}`,
  /** A day or longer. */
  lasting: (how: string, from: string, time: string, zone: string) => `${how} from ${from} for ${time} (${zone})`,
  again: (how: string, from: string, to: string, zone: string) => `${how} ${from} to ${to} (${zone})`,
};

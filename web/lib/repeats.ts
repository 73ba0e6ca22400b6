/** How a window repeats, as a form offers it, and as a rule (RFC 5545) says it. */

export type Repeats = "once" | "daily" | "weekdays" | "weekly" | "monthly" | "custom";

export const REPEATS: readonly Repeats[] = ["once", "daily", "weekdays", "weekly", "monthly", "custom"];

const DAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

/** The rule of a choice, for a window that begins at `local` (`2026-03-02T08:00`); `null`: none. */
export function ruleOf(repeats: Repeats, local: string, custom: string): string | null {
  const day = new Date(`${local}Z`);
  switch (repeats) {
    case "once":
      return null;
    case "daily":
      return "FREQ=DAILY";
    case "weekdays":
      return "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR";
    case "weekly":
      return `FREQ=WEEKLY;BYDAY=${DAYS[day.getUTCDay()] ?? "MO"}`;
    case "monthly":
      return `FREQ=MONTHLY;BYMONTHDAY=${day.getUTCDate()}`;
    case "custom":
      return custom.trim();
  }
}

/** The choice that makes this rule. */
export function choiceOf(rule: string | null | undefined, local: string): Repeats {
  if (rule === null || rule === undefined) return "once";
  return REPEATS.find((choice) => choice !== "custom" && ruleOf(choice, local, "") === rule) ?? "custom";
}

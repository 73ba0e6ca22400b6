/** How a window repeats, as a form offers it, and as a rule (RFC 5545) says it. */

export type Repeats = "once" | "daily" | "weekdays" | "weekly" | "monthly" | "custom";

export const REPEATS: readonly Repeats[] = ["once", "daily", "weekdays", "weekly", "monthly", "custom"];

const DAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];
const FROM_MONDAY = [...DAYS.slice(1), "SU"];

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

/** The weekdays (from Monday on) of a rule that says nothing else, and every how many weeks they come; `null`: another rule. */
export function weekdaysOf(rule: string): { days: string[]; weeks: number } | null {
  const { FREQ, BYDAY, INTERVAL = "1", ...more } = Object.fromEntries(rule.toUpperCase().split(";").map((part) => part.split("="))) as Partial<Record<string, string>>;
  const named = BYDAY?.split(",") ?? [];
  const plain = FREQ === "WEEKLY" && /^\d+$/.test(INTERVAL) && Object.keys(more).length === 0;
  return plain && named.length > 0 && named.every((day) => DAYS.includes(day)) ? { days: FROM_MONDAY.filter((day) => named.includes(day)), weeks: Number(INTERVAL) } : null;
}

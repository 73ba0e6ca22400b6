/** How long recordings are kept, in words. */
import { zones } from "@/texts/zones";

/** The hub's bounds, in days. */
export const MOST_DAYS = 36_500;

export function keptFor(days: number | null | undefined): string {
  if (days === null || days === undefined) return zones.forEver;
  return zones.keptDays(days);
}

/** As a form has it: a whole number of days, or nothing for ever. */
export function days(text: string): number | null {
  const trimmed = text.trim();
  return trimmed === "" ? null : Number(trimmed);
}

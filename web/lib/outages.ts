/** Outages in words. */
import type { Outage } from "@/lib/api/schema";
import { duration } from "@/lib/format";
import { endings } from "@/texts/endings";
import { outages } from "@/texts/outages";

export const lasted = ({ since, until }: Pick<Outage, "since" | "until">): string => duration(new Date(until).getTime() - new Date(since).getTime());

/** How many decisions would have been others, or that nobody knows yet. */
export function differencesWords({ sessions, difference_count: count }: Pick<Outage, "sessions" | "difference_count">): string {
  if (sessions == null) return outages.beingMade;
  return count === 0 ? outages.nothing : outages.differences(count);
}

/** Why a session ended, in the middle of a sentence. */
export function reason(code: string): string {
  const words = endings.reasons[code] ?? code;
  return words.charAt(0).toLowerCase() + words.slice(1);
}

export const heldWords = (version: number | null | undefined): string => (version == null ? outages.noPolicy : outages.version(version));

/** The newest policy at the site's return, beside the one that it held. */
export const newestWords = ({ policy_version: held, newest_version: newest }: Pick<Outage, "policy_version" | "newest_version">): string =>
  newest != null && newest === held ? outages.same(newest) : heldWords(newest);

/** Decisions about access in words. */
import type { AccessDecision, WeighedGrant } from "@/lib/api/schema";
import { clockTime } from "@/lib/format";
import { access } from "@/texts/access";

type Decision = Pick<AccessDecision, "allowed" | "reason" | "ends_at" | "opens_at">;

/** Until when it is allowed, or why not. */
export function decisionWords({ allowed, reason, ends_at: ends, opens_at: opens }: Decision, now: Date = new Date()): string {
  if (allowed) return ends ? access.until(clockTime(ends, now)) : access.forEver;
  if (reason === "outside_window" && opens) return access.opensAt(clockTime(opens, now));
  return reason ? access.reasons[reason] : "";
}

/** Whether hub and site say yes and no, or no for other reasons. Ends may differ by what each knows. */
export const differ = (hub: Decision, site: Decision): boolean => hub.allowed !== site.allowed || hub.reason !== site.reason;

/** How a grant stands. */
export function standsWords({ state, until, opens_at: opens }: Pick<WeighedGrant, "state" | "until" | "opens_at">, now: Date = new Date()): string {
  if (state === "hub_away") return access.spent;
  if (state === "closed") return opens ? access.closedUntil(clockTime(opens, now)) : access.closed;
  return until ? access.holdsUntil(clockTime(until, now)) : access.holds;
}

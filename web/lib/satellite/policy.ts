/** By which policy a site decides, whether that is the newest, and until when it goes on alone; in words. */
import type { Satellite } from "@/lib/api/schema";
import { clockTime } from "@/lib/format";
import { sitePolicy } from "@/texts/site-policy";

type Held = Pick<Satellite, "policy_version" | "newest_policy_version">;

/** Whether there is a newer policy than the one that it holds. */
export const isBehind = ({ policy_version: held, newest_policy_version: newest }: Held): boolean => held != null && newest != null && held < newest;

/** "v418 of v420"; `null` where it holds none. */
export function policyShort(satellite: Held): string | null {
  const { policy_version: held, newest_policy_version: newest } = satellite;
  if (held == null) return null;
  return newest != null && isBehind(satellite) ? sitePolicy.heldOf(held, newest) : sitePolicy.held(held);
}

/** The same with what that means. */
export function policyWords(satellite: Held): string {
  const { policy_version: held, newest_policy_version: newest } = satellite;
  if (held == null) return sitePolicy.none;
  return newest != null && isBehind(satellite) ? sitePolicy.heldOf(held, newest) : sitePolicy.newest(held);
}

/** What has become of the newest change, where the site does not have it; else `null`. */
export function changeWords(satellite: Satellite, now: number = Date.now()): string | null {
  const { newest_policy_at: issued, offline_since: since, offline_until: until } = satellite;
  if (!issued || !isBehind(satellite)) return null;
  const day = new Date(now);
  const change = clockTime(issued, day);
  if (!since) return sitePolicy.onItsWay(change);
  if (!until) return sitePolicy.notThere(change);
  const latest = clockTime(until, day);
  return new Date(until).getTime() > now ? sitePolicy.notThereUntil(change, latest) : sitePolicy.notThereStopped(change, latest);
}

/** Whether it has been alone for longer than anything goes on there. */
export const hasStopped = ({ state, offline_until: until }: Pick<Satellite, "state" | "offline_until">, now: number = Date.now()): boolean =>
  state === "offline" && until != null && new Date(until).getTime() <= now;

/** "goes on alone until 22:40"; `null` while it has its hub, or where nobody knows. */
export function aloneWords({ offline_until: until }: Satellite, now: number = Date.now()): string | null {
  if (!until) return null;
  const time = clockTime(until, new Date(now));
  return new Date(until).getTime() > now ? sitePolicy.goesOnUntil(time) : sitePolicy.stoppedAt(time);
}

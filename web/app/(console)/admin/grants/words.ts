import type { Grant } from "@/lib/api/schema";

export const who = (grant: Grant): string => grant.user ?? grant.group ?? "–";
export const what = (grant: Grant): string => grant.target ?? grant.zone ?? grant.label ?? "–";

/** What a grant opens, in a sentence. */
export function granted(grant: Grant): string {
  if (grant.zone_id) return `every target of zone ${what(grant)}`;
  return grant.label ? `every target with ${grant.label}` : what(grant);
}

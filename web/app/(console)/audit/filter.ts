/** Which rows of the book are asked for. */
import type { Operations, SessionStatus } from "@/lib/api/schema";
import { instant, useAddressFilter, type AddressFilter } from "./address";

const NAMES = ["user_id", "target_id", "zone_id", "status", "from", "to"] as const;

export type Filter = AddressFilter<(typeof NAMES)[number]>;

export const isSet = (filter: Filter): boolean => NAMES.some((name) => filter[name]);

const STATUSES: readonly SessionStatus[] = ["active", "completed", "failed", "terminated"];

/** In the words of the hub. */
export function asQuery(filter: Filter): NonNullable<Operations["GET /api/v1/audit"]["query"]> {
  return {
    user_id: filter.user_id,
    target_id: filter.target_id,
    zone_id: filter.zone_id,
    status: STATUSES.find((status) => status === filter.status),
    from: instant(filter.from),
    to: instant(filter.to),
  };
}

export const useFilter = () => useAddressFilter(NAMES);

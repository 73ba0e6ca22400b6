"use client";
/** Which rows of the book are asked for. It stands in the address, so that a filtered page can be kept and passed on. */
import { usePathname, useSearchParams } from "next/navigation";
import type { Operations, SessionStatus } from "@/lib/api/schema";

const NAMES = ["user_id", "target_id", "status", "from", "to"] as const;

/** As in the address; `from` and `to` are this browser's local time, as its date fields give it. */
export type Filter = Partial<Record<(typeof NAMES)[number], string>>;

export const isSet = (filter: Filter): boolean => NAMES.some((name) => filter[name]);

const STATUSES: readonly SessionStatus[] = ["active", "completed", "failed", "terminated"];

function instant(local: string | undefined): string | undefined {
  const time = local ? new Date(local) : null;
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined;
}

/** In the words of the hub. */
export function asQuery(filter: Filter): NonNullable<Operations["GET /api/v1/audit"]["query"]> {
  return {
    user_id: filter.user_id,
    target_id: filter.target_id,
    status: STATUSES.find((status) => status === filter.status),
    from: instant(filter.from),
    to: instant(filter.to),
  };
}

export function useFilter(): [filter: Filter, change: (filter: Filter) => void] {
  const search = useSearchParams();
  const path = usePathname();
  const filter: Filter = {};
  for (const name of NAMES) filter[name] = search.get(name) ?? undefined;
  const change = (next: Filter) => {
    const query = new URLSearchParams();
    for (const name of NAMES) if (next[name]) query.set(name, next[name]);
    const text = query.toString();
    window.history.replaceState(null, "", text ? `${path}?${text}` : path);
  };
  return [filter, change];
}

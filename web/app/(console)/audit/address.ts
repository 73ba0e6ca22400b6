"use client";
/** A filter that stands in the address, so that a filtered page can be kept and passed on. */
import { usePathname, useSearchParams } from "next/navigation";

/** As in the address; times are this browser's local time, as its date fields give it. */
export type AddressFilter<Name extends string> = Partial<Record<Name, string>>;

/** A local time in the words of the hub. */
export function instant(local: string | undefined): string | undefined {
  const time = local ? new Date(local) : null;
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined;
}

export function useAddressFilter<Name extends string>(names: readonly Name[]): [filter: AddressFilter<Name>, change: (filter: AddressFilter<Name>) => void] {
  const search = useSearchParams();
  const path = usePathname();
  const filter: AddressFilter<Name> = {};
  for (const name of names) filter[name] = search.get(name) ?? undefined;
  const change = (next: AddressFilter<Name>) => {
    const query = new URLSearchParams();
    for (const name of names) {
      const value = next[name];
      if (value) query.set(name, value);
    }
    const text = query.toString();
    window.history.replaceState(null, "", text ? `${path}?${text}` : path);
  };
  return [filter, change];
}

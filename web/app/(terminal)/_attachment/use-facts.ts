"use client";
/** What stands above a session comes from the hub, once the session is on its way. */
import { useQuery } from "@tanstack/react-query";
import { call } from "@/lib/api/client";
import type { Session } from "@/lib/api/schema";
import type { Way } from "@/lib/attachment/way";

export interface Facts {
  name: string | null;
  site: string | null;
  /** Account and site, as far as they are known. */
  about: string | null;
  /** Whose session it is, where it is watched. */
  user: string | null;
  watched: Session | undefined;
}

export function useFacts(way: Way, watches: boolean): Facts {
  const target = useQuery({
    queryKey: ["GET /api/v1/targets/{id}", way.target],
    queryFn: () => call("GET /api/v1/targets/{id}", { path: { id: way.target } }),
    staleTime: 60_000,
  }).data;
  const watched = useQuery({
    queryKey: ["GET /api/v1/sessions/{id}", way.session],
    queryFn: () => call("GET /api/v1/sessions/{id}", { path: { id: way.session ?? "" } }),
    enabled: way.session !== null && watches,
    staleTime: 60_000,
  }).data;
  const account = target?.credentials.find(({ id }) => id === way.credential) ?? target?.credentials[0];
  // An auditor sees the session, but need not see its target.
  const site = target?.zone ?? watched?.zone ?? null;
  return {
    name: target?.name ?? watched?.target ?? null,
    site,
    about: [watched?.username ?? account?.username, site].filter(Boolean).join(" · ") || null,
    user: watched?.user ?? null,
    watched,
  };
}

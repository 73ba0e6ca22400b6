"use client";
/** Orders something of a site for a session there. A session names its zone alone; which satellite of that has it, the hub knows. */
import { useState } from "react";
import { isAway, mayHave } from "@/lib/commands";
import { commands } from "@/texts/commands";
import { ApiError, call } from "./client";
import { useAction } from "./hooks";
import type { CommandKind, SiteCommand } from "./schema";

/** A day. */
const WAITS_SECONDS = 86_400;
const PAGE = 500;

async function satellitesOf(zone: string) {
  const all = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await call("GET /api/v1/admin/satellites", { query: { limit: PAGE, ...(cursor ? { cursor } : {}) } });
    all.push(...items);
    cursor = next ?? undefined;
  } while (cursor);
  return mayHave(all, zone);
}

export function useOrderForSession() {
  const order = useAction("POST /api/v1/admin/satellites/{id}/commands");
  return async (kind: Extract<CommandKind, "end" | "watch">, session: { id: string; zone_id: string }): Promise<SiteCommand> => {
    for (const { id } of await satellitesOf(session.zone_id)) {
      try {
        return await order.mutateAsync({ path: { id }, body: { kind, session_id: session.id, expires_in_seconds: WAITS_SECONDS } });
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== "unknown_session") throw error;
      }
    }
    throw new ApiError(0, "unknown_session", commands.noSatellite);
  };
}

/** Does something at a site now; once that failed because the site is away, `later` instead, where one may order that. */
export function useNowOrLater(now: () => Promise<unknown>, later: (() => Promise<unknown>) | null) {
  const [isLater, setLater] = useState(false);
  const act = async () => {
    if (isLater && later) return later();
    try {
      return await now();
    } catch (error) {
      if (later && error instanceof ApiError && isAway(error.code)) setLater(true);
      throw error;
    }
  };
  return { isLater, act, forget: () => setLater(false) };
}

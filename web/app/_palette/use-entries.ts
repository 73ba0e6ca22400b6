"use client";
/** All that the command palette offers, as it comes in. */
import { useState } from "react";
import { useMe, useWholeList } from "@/lib/api/hooks";
import { pageEntries, sessionEntries, targetEntries, type Entry, type EntryKind } from "@/lib/palette/entries";
import { pagesFor } from "@/lib/pages";

export interface Entries {
  entries: Entry[];
  loading: boolean;
  failed: boolean;
  retry: () => void;
}

export function useEntries(kinds: readonly EntryKind[]): Entries {
  const [now] = useState(() => Date.now());
  const me = useMe().data;
  const sessions = useWholeList("GET /api/v1/sessions", { query: { active: true }, enabled: kinds.includes("session") });
  const targets = useWholeList("GET /api/v1/targets", { enabled: kinds.includes("target") });
  const asked = [...(kinds.includes("session") ? [sessions] : []), ...(kinds.includes("target") ? [targets] : [])];
  const failed = asked.some((list) => list.isError);
  return {
    entries: [
      ...(me && kinds.includes("session") ? sessionEntries(sessions.rows ?? [], me, now) : []),
      ...(kinds.includes("target") ? targetEntries(targets.rows ?? []) : []),
      ...(me && kinds.includes("page") ? pageEntries(pagesFor(me.role)) : []),
    ],
    loading: !failed && asked.some((list) => !list.complete),
    failed,
    retry: () => asked.filter((list) => list.isError).forEach((list) => void list.refetch()),
  };
}

"use client";
/** The ways in which one may end a session from its page: one's own, or as an administrator anybody's, now or later. */
import { call } from "@/lib/api/client";
import { useMe } from "@/lib/api/hooks";
import { useOrderForSession } from "@/lib/api/orders";
import type { Session } from "@/lib/api/schema";
import type { AttachView } from "@/lib/attachment/machine";

export interface Ends {
  admin: boolean;
  /** `null` where one may not. */
  onEnd: (() => Promise<void>) | null;
  /** Where its site is away: orders it. */
  onEndLater: (() => Promise<void>) | null;
}

export function useEnds(view: AttachView | null, watched: Session | undefined, endOwn: () => void): Ends {
  const admin = useMe().data?.role === "admin";
  const order = useOrderForSession();
  const endOthers = async () => {
    if (view?.sessionId) await call("DELETE /api/v1/sessions/{id}", { path: { id: view.sessionId } });
  };
  return {
    admin,
    onEnd: view?.mode !== "watch" ? async () => endOwn() : admin ? endOthers : null,
    onEndLater: admin && watched ? async () => void (await order("end", watched)) : null,
  };
}

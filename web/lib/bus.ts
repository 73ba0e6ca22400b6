/** How the bus stands, in words. */
import type { BusStatus } from "@/lib/api/schema";
import { asSentence } from "@/lib/sentence";
import { bus } from "@/texts/bus";

/** Events that wait for longer than this are stuck. */
const STUCK_MS = 30_000;

export interface Stands {
  tone: "ok" | "warn" | "bad";
  word: string;
  trouble: { title: string; about: string } | null;
}

export function standing(status: BusStatus, now: number = Date.now()): Stands {
  const why = status.reason ? asSentence(status.reason) : "";
  if (!status.connected) return { tone: "bad", word: bus.away, trouble: { title: bus.awayTitle, about: bus.awayAbout(why).trim() } };
  if (why) return { tone: "warn", word: bus.quiet, trouble: { title: bus.quietTitle, about: bus.quietAbout(why) } };
  const oldest = status.oldest_waiting;
  const stuck = oldest != null && now - new Date(oldest).getTime() > STUCK_MS;
  return { tone: stuck ? "warn" : "ok", word: bus.connected, trouble: stuck ? { title: bus.stuckTitle, about: bus.stuckAbout } : null };
}

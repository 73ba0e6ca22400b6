/** What became of sessions that were ended together, in words. */
import type { EndedSessions } from "@/lib/api/schema";
import { sessions } from "@/texts/sessions";

export function endedWords({ ended, unreachable }: EndedSessions): string {
  if (ended + unreachable === 0) return sessions.noneRan;
  if (unreachable === 0) return sessions.allEnded(ended);
  return ended === 0 ? sessions.noneEndedNow(unreachable) : sessions.someEnded(ended, unreachable);
}

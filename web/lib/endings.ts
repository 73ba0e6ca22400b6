/** What became of sessions that were ended together, in words. */
import type { EndedSessions } from "@/lib/api/schema";
import { endingAll } from "@/texts/ending-all";

export function endedWords({ ended, unreachable }: EndedSessions): string {
  if (ended + unreachable === 0) return endingAll.noneRan;
  if (unreachable === 0) return endingAll.all(ended);
  return ended === 0 ? endingAll.none(unreachable) : endingAll.some(ended, unreachable);
}

/** What became of sessions that were ended together, in words. */
import type { EndedSessions } from "@/lib/api/schema";

const count = (sessions: number): string => (sessions === 1 ? "1 session" : `${sessions} sessions`);

export function endedWords({ ended, unreachable }: EndedSessions): string {
  if (ended + unreachable === 0) return "No session was running.";
  const over = ended === 0 ? "No session could be ended" : `${count(ended)} ${ended === 1 ? "is" : "are"} ended`;
  return unreachable === 0 ? `${over}.` : `${over}; ${count(unreachable)} at a site that does not answer ${unreachable === 1 ? "goes" : "go"} on.`;
}

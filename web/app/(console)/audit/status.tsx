import type { SessionStatus } from "@/lib/api/schema";
import { endings } from "@/texts/endings";
import { Badge, type Tone } from "@/ui/badge";

const TONES: Record<SessionStatus, Tone> = { active: "info", completed: "ok", terminated: "warn", failed: "bad" };

/** How a session stands in the book, in words. */
export function StatusBadge({ status }: { status: SessionStatus }) {
  const { word, about } = endings.status[status];
  return <Badge tone={TONES[status]} dot title={about}>{word}</Badge>;
}

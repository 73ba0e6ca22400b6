import type { SessionStatus } from "@/lib/api/schema";
import { sessions } from "@/texts/sessions";
import { Badge, type Tone } from "@/ui/badge";

const TONES: Record<SessionStatus, Tone> = { active: "info", completed: "ok", terminated: "warn", failed: "bad" };

/** How a session stands in the book, in words. */
export function StatusBadge({ status }: { status: SessionStatus }) {
  const { word, about } = sessions.status[status];
  return <Badge tone={TONES[status]} dot title={about}>{word}</Badge>;
}

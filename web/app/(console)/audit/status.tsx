import type { SessionStatus } from "@/lib/api/schema";
import { Badge, type Tone } from "@/ui/badge";

/** How a session stands in the book, in words. */
export const STATUS: Record<SessionStatus, { word: string; tone: Tone; about: string }> = {
  active: { word: "Running", tone: "info", about: "It runs now." },
  completed: { word: "Completed", tone: "ok", about: "Its user or its program ended it." },
  terminated: { word: "Terminated", tone: "warn", about: "An administrator or a rule ended it." },
  failed: { word: "Failed", tone: "bad", about: "It did not come about, or broke." },
};

export function StatusBadge({ status }: { status: SessionStatus }) {
  const { word, tone, about } = STATUS[status];
  return <Badge tone={tone} dot title={about}>{word}</Badge>;
}

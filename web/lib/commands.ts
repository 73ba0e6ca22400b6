/** Commands to sites, in words and looks. */
import type { CommandFinding, CommandState, FindingLevel, SiteCommand } from "@/lib/api/schema";
import { duration, milliseconds } from "@/lib/format";
import { commands } from "@/texts/commands";

const UNFINISHED_REFRESH_MS = 1000;
const FINISHED_REFRESH_MS = 10_000;

const UNFINISHED: ReadonlySet<CommandState> = new Set<CommandState>(["waiting", "sent", "running"]);

export const isUnfinished = ({ state }: Pick<SiteCommand, "state">): boolean => UNFINISHED.has(state);

/** How soon to ask again: what goes on is followed. */
export const refreshMs = (rows: readonly Pick<SiteCommand, "state">[]): number => (rows.some(isUnfinished) ? UNFINISHED_REFRESH_MS : FINISHED_REFRESH_MS);

type Tone = "ok" | "warn" | "bad" | "info" | "none";

const TONES: Record<CommandState, Tone> = { waiting: "warn", sent: "info", running: "info", done: "ok", failed: "bad", expired: "warn", withdrawn: "none" };

export const stateTone = (state: CommandState): Tone => TONES[state];

/** From its order to its end, the waiting included; `null` while it goes on, or where nobody did it. */
export function took({ state, ordered_at: from, finished_at: to }: Pick<SiteCommand, "state" | "ordered_at" | "finished_at">): string | null {
  if (!to || (state !== "done" && state !== "failed")) return null;
  const ms = new Date(to).getTime() - new Date(from).getTime();
  return ms < 1000 ? milliseconds(ms) : duration(ms);
}

/** What went wrong and what to do about it; `null` where nothing did. */
export function trouble({ state, failed_code: code }: Pick<SiteCommand, "state" | "failed_code">): { title: string; todo: string } | null {
  if (state === "expired") return { title: commands.statesAbout.expired, todo: commands.expiredTodo };
  if (state !== "failed") return null;
  return (code && commands.failures[code]) || commands.otherFailure;
}

const WEIGHTS: Record<FindingLevel, number> = { failed: 0, warning: 1, ok: 2 };

/** What needs somebody first, otherwise as they were found. */
export const worstFirst = (findings: readonly CommandFinding[]): CommandFinding[] => [...findings].sort((a, b) => WEIGHTS[a.level] - WEIGHTS[b.level]);

/** The worst of what was found; `null` where nothing was looked at. */
export const worst = (findings: readonly CommandFinding[]): FindingLevel | null => worstFirst(findings)[0]?.level ?? null;

/** At most so many lines of the end of a text. */
export function lastLines(text: string, count: number): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.slice(-count);
}

interface Place {
  id: string;
  zone_id: string;
  state: string;
}

/** The satellites that may have a session of that zone, the likeliest first. */
export function mayHave<S extends Place>(satellites: readonly S[], zone: string): S[] {
  const order = ["offline", "online", "quarantined"];
  return satellites.filter((one) => one.zone_id === zone && one.state !== "revoked").sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
}

/** Codes of an answer that did not reach the site: it may be reached later. */
const AWAY = new Set(["zone_offline", "site_no_answer"]);

export const isAway = (code: string | undefined): boolean => code !== undefined && AWAY.has(code);

/** Every way a shell can end or fail, in words: what happened, and what to do next. One place for all of them. */
import { asSentence } from "@/lib/sentence";
import { kinds, type KindWords } from "@/texts/kinds";
import { notices } from "@/texts/notices";
import { shellEnds } from "@/texts/shell-ends";
import type { Closed } from "./messages";

export interface Ending {
  title: string;
  todo: string;
  /** Whether opening it again may help. */
  again: boolean;
  tone: "ok" | "warn" | "bad";
}

/** Opening it again helps only once somebody did something about it. */
const FINAL = new Set(["window_ended", "user_disabled", "signed_out", "not_granted", "site_forbids", "host_key_changed", "license"]);
const GOOD = new Set(["exited", "closed_by_user"]);
const BAD = new Set([
  "user_disabled", "not_granted", "site_forbids", "zone_offline", "target_unreachable", "credential_rejected", "host_key_changed", "policy_stale",
  "disk_full", "license", "internal", "hub_unreachable", "connection_refused", "connection_lost", "protocol_error",
]);

const toneOf = (code: string): Ending["tone"] => (GOOD.has(code) ? "ok" : BAD.has(code) ? "bad" : "warn");

/** `kind`: what reads otherwise for what was shown. */
export function ending(closed: Closed, kind: KindWords = kinds.shell): Ending {
  const { code, exitSignal } = closed;
  const found: Ending = { ...(shellEnds.said[code] ?? shellEnds.other), ...kind.ends[code], again: !FINAL.has(code), tone: toneOf(code) };
  if (code !== "exited") return found;
  if (exitSignal !== null) return { ...found, title: shellEnds.bySignal(exitSignal), tone: "warn" };
  const status = closed.exitStatus ?? 0;
  return status === 0 ? found : { ...found, title: shellEnds.withStatus(status), tone: "warn" };
}

/** What is said of a limit that is near; how much time is left stands beside it. */
export function endsWords(code: string): string {
  if (code === "idle_limit") return notices.endsIdle;
  return code === "window_ended" ? notices.endsWindow : notices.endsLongest;
}

/** What a notice says: the hub's own words first; a code that is newer than this page as it is. */
export function noticeWords({ code, message }: { code: string; message: string }): string {
  return message === "" ? (notices.said[code] ?? notices.other(code.replaceAll("_", " "))) : asSentence(message);
}

/** How a session that one watched ended: then there is nothing to open again. */
export function watchedEnding(closed: Closed, kind: KindWords = kinds.shell): Ending {
  const found = ending(closed, kind);
  return closed.ended ? { ...found, ...shellEnds.watched[closed.code], again: false } : found;
}

/** Every way a shell can end or fail, in words: what happened, and what to do next. One place for all of them. */
import type { Closed, Hop } from "./wire";

export interface Ending {
  title: string;
  todo: string;
  /** Whether opening it again may help. */
  again: boolean;
  tone: "ok" | "warn" | "bad";
}

const ENDINGS: Record<string, Ending> = {
  exited: { title: "The program ended", todo: "Open the target again for a new session.", again: true, tone: "ok" },
  closed_by_user: { title: "You ended this session", todo: "Its recording is under Recordings.", again: true, tone: "ok" },
  terminated_by_admin: { title: "An administrator ended this session", todo: "Ask them before you open it again.", again: true, tone: "warn" },
  window_ended: { title: "Your access window is over", todo: "Come back in the next window, or ask for another one.", again: false, tone: "warn" },
  longest_session: { title: "The longest session time is reached", todo: "Open the target again to go on.", again: true, tone: "warn" },
  idle_limit: { title: "Ended because nothing was typed", todo: "Open the target again to go on.", again: true, tone: "warn" },
  grace_expired: { title: "Ended while nobody was attached", todo: "The time it waits for you is over. Open the target again.", again: true, tone: "warn" },
  user_disabled: { title: "Your account was disabled", todo: "Ask an administrator.", again: false, tone: "bad" },
  satellite_restarted: { title: "The site's satellite restarts", todo: "No session there outlives that. Open the target again in a few minutes.", again: true, tone: "warn" },
  session_gone: { title: "This session is gone", todo: "The site does not have it any more. Open the target again.", again: true, tone: "warn" },
  taken_over: { title: "Opened somewhere else", todo: "It goes on there, for you alone. Take it back whenever you like.", again: true, tone: "warn" },
  signed_out: { title: "You are signed out", todo: "Sign in again to come back to this session.", again: false, tone: "warn" },
  not_granted: { title: "This target is not granted to you", todo: "Ask an administrator for a grant, or whose session this is.", again: false, tone: "bad" },
  site_forbids: { title: "The site forbids it", todo: "The satellite's own configuration excludes this target. Ask whoever runs the site.", again: false, tone: "bad" },
  outside_window: { title: "No access window is open now", todo: "Come back when your window opens.", again: true, tone: "warn" },
  session_limit: { title: "No further session is possible", todo: "End a session you do not need under Sessions, then try again.", again: true, tone: "warn" },
  zone_offline: { title: "The site is offline", todo: "Its satellite has no connection to the hub. It comes back by itself; try again in a moment.", again: true, tone: "bad" },
  target_unreachable: { title: "The target does not answer", todo: "Check that the machine is on and that its address and port are right.", again: true, tone: "bad" },
  credential_rejected: { title: "The target refused the credential", todo: "Its password or key has changed. Ask an administrator to renew the credential.", again: true, tone: "bad" },
  host_key_changed: { title: "The target shows another host key", todo: "It may be reinstalled, or somebody stands in between. Nothing was sent. Ask an administrator to check it.", again: false, tone: "bad" },
  policy_stale: { title: "The site's policy is too old", todo: "The site was away from the hub for too long to decide. Try again when it is back.", again: true, tone: "bad" },
  disk_full: { title: "The site's disk is full", todo: "Nothing can be recorded there, so nothing may be opened. Ask whoever runs the site.", again: true, tone: "bad" },
  license: { title: "The licence does not allow it", todo: "Ask an administrator.", again: false, tone: "bad" },
  internal: { title: "Something failed", todo: "Try again. If it stays, the logs of hub and satellite say why.", again: true, tone: "bad" },
  // What the page itself finds out.
  hub_unreachable: { title: "The hub does not answer", todo: "Check your network connection, then try again.", again: true, tone: "bad" },
  connection_refused: { title: "The hub refused the connection", todo: "A proxy in between may not let WebSockets through. Try again, or ask an administrator.", again: true, tone: "bad" },
  connection_lost: { title: "The connection to the hub was lost", todo: "It broke before the session stood. Try again.", again: true, tone: "bad" },
  protocol_error: { title: "Hub and page do not understand each other", todo: "Reload the page: it may be older than the hub.", again: true, tone: "bad" },
};

const OTHER: Ending = { title: "The session is over", todo: "Open the target again to go on.", again: true, tone: "warn" };

export function ending(closed: Closed): Ending {
  const found = ENDINGS[closed.code] ?? OTHER;
  if (closed.code !== "exited") return found;
  if (closed.exitSignal !== null) return { ...found, title: `The program was ended by signal ${closed.exitSignal}`, tone: "warn" };
  const status = closed.exitStatus ?? 0;
  return status === 0 ? found : { ...found, title: `The program ended with status ${status}`, tone: "warn" };
}

/** For a notice that comes without words of its own. */
const NOTICES: Record<string, string> = {
  ends_soon: "This session ends soon. Finish what you are at.",
  output_gap: "Some output before this is no longer kept at the site.",
};

/** What is said of a limit that is near; how much time is left stands beside it. */
export function endsWords(code: string): string {
  return code === "idle_limit"
    ? "This session ends soon, since nothing was typed for a while. Type something to keep it."
    : "This session ends soon: it will have lasted as long as your grant allows. Save your work.";
}

/** What a notice says: the hub's own words first; a code that is newer than this page as it is. */
export function noticeWords({ code, message }: { code: string; message: string }): string {
  return message === "" ? (NOTICES[code] ?? `Notice from the hub: ${code.replaceAll("_", " ")}`) : asSentence(message);
}

/** Messages on the wire are fragments. */
export function asSentence(fragment: string): string {
  const upper = fragment.charAt(0).toUpperCase() + fragment.slice(1);
  return /[.!?]$/.test(upper) ? upper : `${upper}.`;
}

/** What was typed and is lost with the page that was left. */
export function lostWords(count: number): string {
  const what = count === 1 ? "One character that you typed last" : `${count} characters that you typed last`;
  return `${what} did not reach the target before this page was left`;
}

/** Names in a row; of many, how many more there are. */
export function several(names: string[]): string {
  return names.length < 3 ? names.join(" and ") : `${names[0]} and ${names.length - 1} others`;
}

/** The ends of a session that one only watched, where they read otherwise. */
const WATCHED_ENDINGS: Record<string, Partial<Ending>> = {
  exited: { todo: "Its recording is under Recordings." },
  closed_by_user: { title: "Its user ended this session" },
  terminated_by_admin: { todo: "Its recording is under Recordings." },
  grace_expired: { title: "Ended while its user was away", todo: "Its recording is under Recordings." },
  user_disabled: { title: "Its user's account was disabled", todo: "Its recording is under Recordings." },
  not_granted: { title: "Its user's grant was taken away", todo: "Its recording is under Recordings." },
};

/** How a session that one watched ended: then there is nothing to open again. */
export function watchedEnding(closed: Closed): Ending {
  return closed.ended ? { ...ending(closed), ...WATCHED_ENDINGS[closed.code], again: false } : ending(closed);
}

/** The same ends in a list, where they need not be one's own. */
const REASONS: Record<string, string> = {
  exited: "Its program ended",
  closed_by_user: "Closed by its user",
  terminated_by_admin: "Ended by an administrator",
  window_ended: "Access window over",
  longest_session: "Longest time reached",
  idle_limit: "Nothing was typed",
  grace_expired: "Nobody came back to it",
  user_disabled: "User disabled",
  satellite_restarted: "Satellite restarted",
  session_gone: "Gone from its site",
  not_granted: "Grant taken away",
  site_forbids: "Forbidden by the site",
  outside_window: "No access window",
  session_limit: "Too many sessions",
  zone_offline: "Site offline",
  target_unreachable: "Target did not answer",
  credential_rejected: "Credential refused",
  host_key_changed: "Host key changed",
  policy_stale: "Policy too old",
  disk_full: "Site's disk full",
  license: "Licence",
  internal: "Something failed",
};

/** Why a session is over, in two or three words; a code that is newer than this page as it is. */
export const reasonWords = (code: string): string => REASONS[code] ?? code.replaceAll("_", " ");

export const HOPS: Record<Hop, string> = { hub: "Hub", site: "Site", target: "Target" };

export const STEP_WORDS: Record<string, { now: string; done: string }> = {
  policy: { now: "Checking what you may open", done: "Access granted" },
  credential: { now: "Fetching the credential", done: "Credential sealed for the site" },
  site: { now: "Asking the site", done: "Site accepted" },
  target: { now: "Signing in at the target", done: "Target signed in" },
};

/**
 * What hub and page say to each other about an attachment, whatever it shows: the same words for shells and desktops. How
 * they are carried is each protocol's own business. No socket, no DOM.
 */
import { breaches } from "@/texts/breaches";

/** A message that the contract does not allow. The attachment is given up and made anew. */
export class WireError extends Error {}

export type Hop = "hub" | "site" | "target";
export type StepName = "policy" | "credential" | "site" | "target";
export const STEP_NAMES: readonly StepName[] = ["policy", "credential", "site", "target"];

export type Mode = "own" | "watch";

export interface Closed {
  type: "closed";
  code: string;
  message: string;
  hop: Hop;
  ended: boolean;
  exitStatus: number | null;
  exitSignal: string | null;
}

/** The end that a session comes to by itself. */
export interface Ending {
  code: string;
  leftMs: number;
}

export interface Notice {
  type: "notice";
  code: string;
  message: string;
  heldUntil: string | null;
  /** Everybody who watches now, with `watched` and `unwatched`. */
  watchers: string[];
  /** Where output goes on, with `output_gap`. */
  to: number | null;
  /** With `ends_soon`, where it is a limit of the session. */
  ending: Ending | null;
  /** What policy stopped, with `blocked`. */
  what: string | null;
}

export type Message =
  | { type: "step"; name: StepName; elapsedMs: number }
  | Notice
  | { type: "pong"; t: number; hubMs: number; siteMs: number | null }
  | Closed
  | { type: "unknown" };

export type Json = Record<string, unknown>;

export function parseJson(data: string): Json {
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    throw new WireError(breaches.noJson);
  }
  if (typeof json !== "object" || json === null) throw new WireError(breaches.noObject);
  return json as Json;
}

export function whole(json: Json, name: string): number {
  const value = json[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new WireError(breaches.field(name, String(json.type)));
  return value;
}

export function text(json: Json, name: string): string {
  const value = json[name];
  if (typeof value !== "string") throw new WireError(breaches.field(name, String(json.type)));
  return value;
}

export const number = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);
export const words = (value: unknown): string => (typeof value === "string" ? value : "");

export function oneOf<T extends string>(value: unknown, known: readonly T[], otherwise: T): T {
  return known.find((one) => one === value) ?? otherwise;
}

/** Unknown types are `unknown`, so that a newer hub does not break an older page. */
export function readMessage(json: Json): Message {
  switch (json.type) {
    case "step": {
      const name = STEP_NAMES.find((one) => one === json.name);
      return name ? { type: "step", name, elapsedMs: number(json.elapsed_ms) ?? 0 } : { type: "unknown" };
    }
    case "notice":
      return {
        type: "notice",
        code: words(json.code),
        message: words(json.message),
        heldUntil: words(json.held_until) || null,
        watchers: Array.isArray(json.watchers) ? json.watchers.map(words) : [words(json.by)].filter(Boolean),
        to: json.code === "output_gap" ? whole(json, "to") : null,
        ending: typeof json.end_code === "string" ? { code: json.end_code, leftMs: whole(json, "left_s") * 1000 } : null,
        what: words(json.what) || null,
      };
    case "pong":
      return { type: "pong", t: number(json.t) ?? 0, hubMs: number(json.hub_ms) ?? 0, siteMs: number(json.site_ms) };
    case "closed":
      return {
        type: "closed",
        code: words(json.code) || "internal",
        message: words(json.message),
        hop: oneOf(json.hop, ["hub", "site", "target"], "hub"),
        ended: json.ended === true,
        exitStatus: number(json.exit_status),
        exitSignal: words(json.exit_signal) || null,
      };
    default:
      return { type: "unknown" };
  }
}

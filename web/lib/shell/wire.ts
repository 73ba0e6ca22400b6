/**
 * The messages of `openpam.ssh.v1`: binary frames and JSON texts, as types, both ways.
 * Offsets are 64 bits on the wire; here they are safe integers, and what is larger is refused. No socket, no DOM.
 */
import { breaches } from "@/texts/breaches";

export const SUBPROTOCOL = "openpam.ssh.v1";
export const MAX_FRAME_BYTES = 64 * 1024;
const OFFSET_BYTES = 8;

/** A message that the contract does not allow. The attachment is given up and made anew. */
export class WireError extends Error {}

export interface Frame {
  offset: number;
  bytes: Uint8Array;
}

export function encodeFrame(offset: number, bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(OFFSET_BYTES + bytes.length);
  new DataView(frame.buffer).setBigUint64(0, BigInt(offset));
  frame.set(bytes, OFFSET_BYTES);
  return frame;
}

export function decodeFrame(frame: Uint8Array): Frame {
  const length = frame.length - OFFSET_BYTES;
  if (length < 1 || length > MAX_FRAME_BYTES) throw new WireError(breaches.frameSize(frame.length));
  const offset = new DataView(frame.buffer, frame.byteOffset, OFFSET_BYTES).getBigUint64(0);
  if (offset + BigInt(length) > BigInt(Number.MAX_SAFE_INTEGER)) throw new WireError(breaches.offset(offset));
  return { offset: Number(offset), bytes: frame.subarray(OFFSET_BYTES) };
}

export type Hop = "hub" | "site" | "target";
export type StepName = "policy" | "credential" | "site" | "target";
export const STEP_NAMES: readonly StepName[] = ["policy", "credential", "site", "target"];

export interface Opened {
  type: "opened";
  sessionId: string;
  mode: "own" | "watch";
  outputOffset: number;
  outputEnd: number;
  inputOffset: number;
  cols: number;
  rows: number;
}

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

export type ServerMessage =
  | { type: "step"; name: StepName; elapsedMs: number }
  | Opened
  | { type: "screen"; cols: number; rows: number; data: string }
  | { type: "ack"; inputOffset: number }
  /**
   * `watchers`: everybody who watches now, with `watched` and `unwatched`. `to`: where output goes on, with `output_gap`.
   * `ending`: with `ends_soon`, where it is a limit of the session.
   */
  | { type: "notice"; code: string; message: string; heldUntil: string | null; watchers: string[]; to: number | null; ending: Ending | null }
  /** To who watches: the session's terminal has another size. */
  | { type: "resized"; cols: number; rows: number }
  | { type: "pong"; t: number; hubMs: number; siteMs: number | null }
  | Closed
  | { type: "unknown" };

type Json = Record<string, unknown>;

function whole(json: Json, name: string): number {
  const value = json[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new WireError(breaches.field(name, String(json.type)));
  return value;
}

function text(json: Json, name: string): string {
  const value = json[name];
  if (typeof value !== "string") throw new WireError(breaches.field(name, String(json.type)));
  return value;
}

const number = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);
const words = (value: unknown): string => (typeof value === "string" ? value : "");

function oneOf<T extends string>(value: unknown, known: readonly T[], otherwise: T): T {
  return known.find((one) => one === value) ?? otherwise;
}

/** Unknown types are `unknown`, so that a newer hub does not break an older page. */
export function parseMessage(data: string): ServerMessage {
  let json: Json;
  try {
    json = JSON.parse(data) as Json;
  } catch {
    throw new WireError(breaches.noJson);
  }
  if (typeof json !== "object" || json === null) throw new WireError(breaches.noObject);
  switch (json.type) {
    case "step": {
      const name = STEP_NAMES.find((one) => one === json.name);
      return name ? { type: "step", name, elapsedMs: number(json.elapsed_ms) ?? 0 } : { type: "unknown" };
    }
    case "opened":
      return {
        type: "opened",
        sessionId: text(json, "session_id"),
        mode: oneOf(json.mode, ["own", "watch"], "own"),
        outputOffset: whole(json, "output_offset"),
        outputEnd: whole(json, "output_end"),
        inputOffset: whole(json, "input_offset"),
        cols: whole(json, "cols"),
        rows: whole(json, "rows"),
      };
    case "screen":
      return { type: "screen", cols: whole(json, "cols"), rows: whole(json, "rows"), data: text(json, "data") };
    case "ack":
      return { type: "ack", inputOffset: whole(json, "input_offset") };
    case "notice":
      return {
        type: "notice",
        code: words(json.code),
        message: words(json.message),
        heldUntil: words(json.held_until) || null,
        watchers: Array.isArray(json.watchers) ? json.watchers.map(words) : [words(json.by)].filter(Boolean),
        to: json.code === "output_gap" ? whole(json, "to") : null,
        ending: typeof json.end_code === "string" ? { code: json.end_code, leftMs: whole(json, "left_s") * 1000 } : null,
      };
    case "resized":
      return { type: "resized", cols: whole(json, "cols"), rows: whole(json, "rows") };
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

export type ClientMessage =
  | { type: "ack"; output_offset: number }
  | { type: "resize"; cols: number; rows: number }
  | { type: "ping"; t: number }
  | { type: "agree" }
  | { type: "close" };

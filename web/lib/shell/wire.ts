/**
 * The messages of `openpam.ssh.v1`: binary frames and JSON texts, as types, both ways.
 * Offsets are 64 bits on the wire; here they are safe integers, and what is larger is refused. No socket, no DOM.
 */
import { oneOf, parseJson, readMessage, text, whole, WireError, type Message, type Mode } from "@/lib/attachment/messages";
import { breaches } from "@/texts/breaches";

export const SUBPROTOCOL = "openpam.ssh.v1";
export const MAX_FRAME_BYTES = 64 * 1024;
const OFFSET_BYTES = 8;

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

export interface Opened {
  type: "opened";
  sessionId: string;
  mode: Mode;
  outputOffset: number;
  outputEnd: number;
  inputOffset: number;
  cols: number;
  rows: number;
}

export type ServerMessage =
  | Message
  | Opened
  | { type: "screen"; cols: number; rows: number; data: string }
  | { type: "ack"; inputOffset: number }
  /** To who watches: the session's terminal has another size. */
  | { type: "resized"; cols: number; rows: number };

export function parseMessage(data: string): ServerMessage {
  const json = parseJson(data);
  switch (json.type) {
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
    case "resized":
      return { type: "resized", cols: whole(json, "cols"), rows: whole(json, "rows") };
    default:
      return readMessage(json);
  }
}

export type ClientMessage =
  | { type: "ack"; output_offset: number }
  | { type: "resize"; cols: number; rows: number }
  | { type: "ping"; t: number }
  | { type: "agree" }
  | { type: "close" };

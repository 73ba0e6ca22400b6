/**
 * The messages of a desktop's WebSocket beside Guacamole's own: internal instructions (their opcode is empty), with the
 * type as second element and its JSON as third. No socket, no DOM.
 */
import type { Say } from "@/lib/attachment/machine";
import { oneOf, parseJson, readMessage, text, whole, type Json, type Message, type Mode } from "@/lib/attachment/messages";
import { encode } from "./instructions";

export const SUBPROTOCOL = "guacamole";

export const TRANSFERS = ["copy", "paste", "upload", "download"] as const;
export type TransferKind = (typeof TRANSFERS)[number];

/** What policy lets pass. The satellite enforces it; the page explains it. */
export type Transfer = Record<TransferKind, boolean>;

export interface Opened {
  type: "opened";
  sessionId: string;
  mode: Mode;
  width: number;
  height: number;
  transfer: Transfer;
}

export type ServerMessage =
  | Message
  | Opened
  /** A new picture of the whole desktop begins: whatever was drawn, opened or sent before is no more. */
  | { type: "picture" };

function readTransfer(value: unknown): Transfer {
  const json = typeof value === "object" && value !== null ? (value as Json) : {};
  return { copy: json.copy === true, paste: json.paste === true, upload: json.upload === true, download: json.download === true };
}

/** `null` for an instruction that is not ours: Guacamole's own internal ones, such as its ping. */
export function readInternal([opcode, type, data]: readonly string[]): ServerMessage | null {
  if (opcode !== "" || type === undefined || data === undefined || !data.startsWith("{")) return null;
  const json: Json = { ...parseJson(data), type };
  switch (type) {
    case "opened":
      return {
        type,
        sessionId: text(json, "session_id"),
        mode: oneOf(json.mode, ["own", "watch"], "own"),
        width: whole(json, "width"),
        height: whole(json, "height"),
        transfer: readTransfer(json.transfer),
      };
    case "picture":
      return { type };
    default:
      return readMessage(json);
  }
}

export function encodeSay(message: Say): string {
  if (message.type === "ping") return encode(["", "measure", JSON.stringify({ t: message.t })]);
  return encode(["", message.type]);
}

/** Takes a stream of guacd's to its end: each blob is acknowledged, what becomes too large is refused. No DOM. */
import type { InputStream } from "guacamole-common-js";
import { fromBase64 } from "./blobs";

/** Guacamole's status codes. */
const SUCCESS = 0;
const TOO_LARGE = 0x030d;
const CLOSED = 0x0207;

export interface Received {
  /** So many bytes until now. */
  progress: (bytes: number) => void;
  done: (parts: Uint8Array<ArrayBuffer>[]) => void;
  /** It is larger than it may be, or garbled. */
  failed: () => void;
}

/** What comes back lets go of it. */
export function receive(stream: InputStream, most: number, { progress, done, failed }: Received): () => void {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let total = 0;
  const stop = (code: number) => {
    stream.onblob = stream.onend = null;
    stream.sendAck("", code);
  };
  stream.onblob = (data) => {
    const bytes = fromBase64(data);
    total += bytes?.length ?? 0;
    if (bytes === null || total > most) {
      stop(TOO_LARGE);
      return failed();
    }
    parts.push(bytes);
    progress(total);
    stream.sendAck("", SUCCESS);
  };
  stream.onend = () => done(parts);
  return () => stop(CLOSED);
}

/** A text, if it is one and not too long. */
export function receiveText(stream: InputStream, most: number, onText: (text: string) => void): void {
  receive(stream, most, {
    progress: () => undefined,
    done: (parts) => {
      const decoder = new TextDecoder();
      onText(parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode());
    },
    failed: () => undefined,
  });
}

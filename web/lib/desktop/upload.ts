/**
 * Sends a file into a stream of guacd's. A few blobs are on their way at once, so that a long line is not idle between
 * them; guacd acknowledges the stream's begin and then each blob. No DOM.
 */
import type { OutputStream, Status } from "guacamole-common-js";
import { BLOB_BYTES, toBase64 } from "./blobs";

/** Blobs on their way at most. */
export const MOST_ON_THE_WAY = 8;

export interface Sent {
  /** So many bytes are taken. */
  progress: (bytes: number) => void;
  done: () => void;
  /** Guacamole's code, or `null` where the file could not be read. */
  failed: (code: number | null) => void;
}

/** What comes back gives it up. */
export function upload(file: Blob, stream: OutputStream, { progress, done, failed }: Sent): () => void {
  let next = 0;
  let taken = 0;
  let onTheWay = 0;
  let begun = false;
  let over = false;
  let reading = false;

  const end = (then: () => void) => {
    if (over) return;
    over = true;
    stream.onack = null;
    then();
  };
  const close = (then: () => void) =>
    end(() => {
      stream.sendEnd();
      then();
    });

  const send = async () => {
    if (reading) return;
    reading = true;
    while (!over && next < file.size && onTheWay < MOST_ON_THE_WAY) {
      const from = next;
      next = Math.min(file.size, from + BLOB_BYTES);
      onTheWay += 1;
      const bytes = new Uint8Array(await file.slice(from, next).arrayBuffer());
      if (!over) stream.sendBlob(toBase64(bytes));
    }
    reading = false;
  };
  const goOn = () => void send().catch(() => close(() => failed(null)));

  stream.onack = (status: Status) => {
    // An error ends the stream at both sides.
    if (status.isError()) return end(() => failed(status.code));
    if (begun) {
      onTheWay -= 1;
      taken = Math.min(file.size, taken + BLOB_BYTES);
      progress(taken);
    }
    begun = true;
    if (taken >= file.size) return close(done);
    goOn();
  };
  return () => close(() => undefined);
}

/** Bytes as Guacamole's streams carry them: base64 in blobs of a size that every guacd takes. Pure. */
import type { OutputStream } from "guacamole-common-js";

/** guacd takes instructions of at most 8 KiB. */
export const BLOB_BYTES = 6048;

export const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/** `null` for what is no base64. */
export function fromBase64(data: string): Uint8Array<ArrayBuffer> | null {
  try {
    const text = atob(data);
    return Uint8Array.from(text, (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/** All at once, for what is short. */
export function sendText(stream: OutputStream, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += BLOB_BYTES) stream.sendBlob(toBase64(bytes.subarray(at, at + BLOB_BYTES)));
  stream.sendEnd();
}

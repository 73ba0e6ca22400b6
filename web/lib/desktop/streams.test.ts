import type { InputStream, OutputStream, Status } from "guacamole-common-js";
import { describe, expect, it } from "vitest";
import { BLOB_BYTES, fromBase64, sendText, toBase64 } from "./blobs";
import { receive, receiveText } from "./receive";
import { MOST_ON_THE_WAY, upload } from "./upload";

const status = (code: number): Status => ({ code, isError: () => code >= 0x0100 });

/** guacd's end of a stream to it. */
class Out implements OutputStream {
  readonly index = 0;
  onack: ((status: Status) => void) | null = null;
  blobs: Uint8Array[] = [];
  ended = 0;

  sendBlob(base64: string): void {
    this.blobs.push(fromBase64(base64) ?? new Uint8Array(0));
  }
  sendEnd(): void {
    this.ended += 1;
  }
  text(): string {
    return new TextDecoder().decode(new Uint8Array(this.blobs.flatMap((blob) => [...blob])));
  }
}

class In implements InputStream {
  readonly index = 0;
  onblob: ((data: string) => void) | null = null;
  onend: (() => void) | null = null;
  acks: number[] = [];

  sendAck(_message: string, code: number): void {
    this.acks.push(code);
  }
}

/** Read at once, so that no test waits for a clock. */
function fileOf(size: number): Blob {
  const bytes = new Uint8Array(size).fill(65);
  return { size, slice: (from: number, to: number) => ({ arrayBuffer: () => Promise.resolve(bytes.slice(from, to).buffer) }) } as unknown as Blob;
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
}

describe("a file that is sent", () => {
  const file = fileOf(BLOB_BYTES * 20 + 5);

  it("waits for the stream's begin, and has a few blobs on their way at once", async () => {
    const out = new Out();
    const heard: unknown[] = [];
    upload(file, out, { progress: (bytes) => heard.push(bytes), done: () => heard.push("done"), failed: () => heard.push("failed") });
    await settled();
    expect(out.blobs).toHaveLength(0);
    out.onack?.(status(0));
    await settled();
    expect(out.blobs).toHaveLength(MOST_ON_THE_WAY);
    for (let acks = 0; acks < 21; acks += 1) {
      out.onack?.(status(0));
      await settled();
    }
    expect([out.text().length, out.ended, heard.at(-1), heard.at(-2)]).toEqual([file.size, 1, "done", file.size]);
  });

  it("of no bytes is whole at once", () => {
    const out = new Out();
    let done = false;
    upload(fileOf(0), out, { progress: () => undefined, done: () => (done = true), failed: () => undefined });
    out.onack?.(status(0));
    expect([done, out.ended, out.blobs.length]).toEqual([true, 1, 0]);
  });

  it("stops where it is refused, and where it is given up", async () => {
    const refused = new Out();
    let code: number | null = 0;
    upload(file, refused, { progress: () => undefined, done: () => undefined, failed: (why) => (code = why) });
    refused.onack?.(status(0x0303));
    expect([code, refused.ended, refused.onack]).toEqual([0x0303, 0, null]);
    const given = new Out();
    const stop = upload(file, given, { progress: () => undefined, done: () => undefined, failed: () => undefined });
    given.onack?.(status(0));
    stop();
    await settled();
    expect([given.ended, given.blobs.length]).toEqual([1, 0]);
  });
});

describe("what is received", () => {
  it("is acknowledged blob by blob, and whole at its end", () => {
    const stream = new In();
    const heard: unknown[] = [];
    receive(stream, 100, { progress: (bytes) => heard.push(bytes), done: (parts) => heard.push(parts.length), failed: () => heard.push("failed") });
    stream.onblob?.(toBase64(new Uint8Array([1, 2, 3])));
    stream.onblob?.(toBase64(new Uint8Array([4])));
    stream.onend?.();
    expect([heard, stream.acks]).toEqual([[3, 4, 2], [0, 0]]);
  });

  it("is refused where it is too large or garbled, and let go of where nobody wants it", () => {
    for (const blob of [toBase64(new Uint8Array(101)), "%%%"]) {
      const stream = new In();
      let failed = 0;
      receive(stream, 100, { progress: () => undefined, done: () => undefined, failed: () => (failed += 1) });
      stream.onblob?.(blob);
      expect([failed, stream.acks, stream.onblob]).toEqual([1, [0x030d], null]);
    }
    const unwanted = new In();
    receive(unwanted, 100, { progress: () => undefined, done: () => undefined, failed: () => undefined })();
    expect(unwanted.acks).toEqual([0x0207]);
  });

  it("may be a text that is cut amid its characters", () => {
    const out = new Out();
    const text = "ä€😀".repeat(2000);
    sendText(out, text);
    expect(out.ended).toBe(1);
    expect(out.blobs.length).toBeGreaterThan(1);
    const stream = new In();
    let heard = "";
    receiveText(stream, 100_000, (whole) => (heard = whole));
    for (const blob of out.blobs) stream.onblob?.(toBase64(blob));
    stream.onend?.();
    expect(heard).toBe(text);
  });
});

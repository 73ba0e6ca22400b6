import { describe, expect, it } from "vitest";
import { InputQueue, MAX_IN_FLIGHT_BYTES, MAX_QUEUED_BYTES } from "./input-queue";
import type { Frame } from "./wire";

const bytes = (text: string) => new TextEncoder().encode(text);
const texts = (frames: Frame[]) => frames.map(({ offset, bytes: some }) => [offset, new TextDecoder().decode(some)]);

function queue(text: string, offset = 0): InputQueue {
  const made = new InputQueue();
  made.attach(offset);
  made.push(bytes(text));
  return made;
}

describe("the input queue", () => {
  it("gives nothing before an attachment said where the stream stands", () => {
    const waiting = new InputQueue();
    waiting.push(bytes("ls\r"));
    expect(waiting.take()).toEqual([]);
    waiting.attach(40);
    expect(texts(waiting.take())).toEqual([[40, "ls\r"]]);
  });

  it("gives each byte once per attachment", () => {
    const typed = queue("abc");
    expect(texts(typed.take())).toEqual([[0, "abc"]]);
    typed.push(bytes("d"));
    expect(texts(typed.take())).toEqual([[3, "d"]]);
    expect(typed.take()).toEqual([]);
  });

  it("forgets what is acknowledged", () => {
    const typed = queue("abcdef");
    typed.take();
    expect(typed.acknowledge(4)).toBe(true);
    expect(typed.length).toBe(2);
    expect(typed.acknowledge(6)).toBe(true);
    expect(typed.length).toBe(0);
  });

  it("lets an older acknowledgement pass and refuses one of unsent bytes", () => {
    const typed = queue("abcdef", 10);
    typed.take();
    typed.acknowledge(14);
    expect(typed.acknowledge(12)).toBe(true);
    typed.push(bytes("g"));
    expect(typed.acknowledge(17)).toBe(false);
    expect(new InputQueue().acknowledge(0)).toBe(false);
  });

  it("sends again from where a new attachment says", () => {
    const typed = queue("abcdef");
    typed.take();
    typed.acknowledge(1);
    typed.attach(3);
    expect(texts(typed.take())).toEqual([[3, "def"]]);
  });

  it("drops what has no place any more, because somebody else typed meanwhile", () => {
    const typed = queue("abc", 5);
    typed.attach(100);
    expect(typed.length).toBe(0);
    typed.push(bytes("x"));
    expect(texts(typed.take())).toEqual([[100, "x"]]);
    typed.attach(7);
    expect(typed.length).toBe(0);
  });

  it("refuses whole what does not fit", () => {
    const full = new InputQueue();
    expect(full.push(new Uint8Array(MAX_QUEUED_BYTES))).toBe(true);
    expect(full.push(bytes("x"))).toBe(false);
    expect(full.length).toBe(MAX_QUEUED_BYTES);
  });

  it("keeps the bytes in flight bounded and goes on as they are acknowledged", () => {
    const paste = new InputQueue();
    paste.attach(0);
    paste.push(new Uint8Array(3 * MAX_IN_FLIGHT_BYTES));
    const sum = (frames: Frame[]) => frames.reduce((total, frame) => total + frame.bytes.length, 0);
    expect(sum(paste.take())).toBe(MAX_IN_FLIGHT_BYTES);
    expect(paste.take()).toEqual([]);
    paste.acknowledge(1000);
    const next = paste.take();
    expect(sum(next)).toBe(1000);
    expect(next[0]?.offset).toBe(MAX_IN_FLIGHT_BYTES);
  });
});

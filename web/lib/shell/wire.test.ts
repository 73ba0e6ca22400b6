import { describe, expect, it } from "vitest";
import { WireError } from "@/lib/attachment/messages";
import { decodeFrame, encodeFrame, MAX_FRAME_BYTES, parseMessage } from "./wire";

describe("frames", () => {
  it("come back as they went in", () => {
    const bytes = new Uint8Array([1, 2, 3]);
    expect(decodeFrame(encodeFrame(2 ** 40 + 7, bytes))).toEqual({ offset: 2 ** 40 + 7, bytes });
  });

  it("put the offset first, in big-endian order", () => {
    expect([...encodeFrame(0x0102, new Uint8Array([9]))]).toEqual([0, 0, 0, 0, 0, 0, 1, 2, 9]);
  });

  it("are read from the middle of a buffer", () => {
    const buffer = new Uint8Array([255, 255, ...encodeFrame(5, new Uint8Array([8]))]);
    expect(decodeFrame(buffer.subarray(2))).toEqual({ offset: 5, bytes: new Uint8Array([8]) });
  });

  it("without a byte, or with too many, are refused", () => {
    expect(() => decodeFrame(new Uint8Array(8))).toThrow(WireError);
    expect(() => decodeFrame(new Uint8Array(3))).toThrow(WireError);
    expect(() => decodeFrame(encodeFrame(0, new Uint8Array(MAX_FRAME_BYTES + 1)))).toThrow(WireError);
    expect(decodeFrame(encodeFrame(0, new Uint8Array(MAX_FRAME_BYTES))).bytes.length).toBe(MAX_FRAME_BYTES);
  });

  it("with an offset past what a number holds exactly are refused", () => {
    const frame = new Uint8Array(9).fill(255);
    expect(() => decodeFrame(frame)).toThrow(WireError);
    expect(() => decodeFrame(encodeFrame(Number.MAX_SAFE_INTEGER, new Uint8Array([1])))).toThrow(WireError);
  });
});

describe("messages", () => {
  const parse = (value: unknown) => parseMessage(JSON.stringify(value));

  it("are read with their fields", () => {
    expect(parse({ type: "step", name: "site", elapsed_ms: 12 })).toEqual({ type: "step", name: "site", elapsedMs: 12 });
    expect(parse({ type: "ack", input_offset: 9 })).toEqual({ type: "ack", inputOffset: 9 });
    expect(parse({ type: "pong", t: 1.5, hub_ms: 0.2, site_ms: null })).toEqual({ type: "pong", t: 1.5, hubMs: 0.2, siteMs: null });
    expect(parse({ type: "notice", code: "link_lost", message: "away", held_until: "2026-01-01T00:00:00Z" })).toEqual({
      type: "notice",
      code: "link_lost",
      message: "away",
      heldUntil: "2026-01-01T00:00:00Z",
      watchers: [],
      to: null,
      ending: null,
      what: null,
    });
    expect(parse({ type: "closed", code: "exited", message: "", hop: "target", ended: true, exit_status: 3, exit_signal: null })).toEqual({
      type: "closed",
      code: "exited",
      message: "",
      hop: "target",
      ended: true,
      exitStatus: 3,
      exitSignal: null,
    });
  });

  it("of a newer hub do no harm", () => {
    expect(parse({ type: "weather", sun: true })).toEqual({ type: "unknown" });
    expect(parse({ type: "step", name: "approval", elapsed_ms: 1 })).toEqual({ type: "unknown" });
    expect(parse({ type: "closed", code: "brand_new", hop: "moon", ended: 1 })).toMatchObject({ code: "brand_new", hop: "hub", ended: false });
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "7"],
    ["null", "null"],
    ["opened without offsets", JSON.stringify({ type: "opened", session_id: "s", mode: "own" })],
    ["a negative offset", JSON.stringify({ type: "ack", input_offset: -1 })],
    ["a broken offset", JSON.stringify({ type: "ack", input_offset: 1.5 })],
    ["an offset as text", JSON.stringify({ type: "ack", input_offset: "1" })],
    ["a screen without data", JSON.stringify({ type: "screen", cols: 80, rows: 24 })],
  ])("that are malformed are refused: %s", (_, text) => {
    expect(() => parseMessage(text)).toThrow(WireError);
  });
});

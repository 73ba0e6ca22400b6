import { describe, expect, it } from "vitest";
import { asOneLine, decide, linesOf, MAX_PASTE_BYTES, piecesOf, preview, withoutEndMark } from "./paste";

const bare = { bracketed: false, asks: true };

describe("pasted text", () => {
  it("of one line goes through", () => {
    expect(decide("uname -a", bare)).toBe("paste");
  });

  it.each(["one\ntwo", "one\r\ntwo", "one\rtwo", "runs at once\n"])("that runs something by itself is asked about: %j", (text) => {
    expect(decide(text, bare)).toBe("ask");
    expect(decide(text, { ...bare, bracketed: true })).toBe("paste");
    expect(decide(text, { ...bare, asks: false })).toBe("paste");
  });

  it("of more than a megabyte is refused, counted in bytes", () => {
    expect(decide("x".repeat(MAX_PASTE_BYTES), bare)).toBe("paste");
    expect(decide("x".repeat(MAX_PASTE_BYTES + 1), { bracketed: true, asks: false })).toBe("too_large");
    expect(decide("漢".repeat(MAX_PASTE_BYTES / 2), bare)).toBe("too_large");
  });

  it.each([
    ["echo\x1b[201~\nrm -r x\x1b[201~", "echo␛[201~\nrm -r x␛[201~"],
    ["echo\x9b201~\nrm -r x", "echo␛[201~\nrm -r x"],
    ["echo\x1b[2\x1b[201~01~\nrm -r x", "echo\x1b[2␛[201~01~\nrm -r x"],
    ["echo\x1b\x9b201~[201~", "echo\x1b␛[201~[201~"],
  ])("cannot end its own paste: %j", (text, sent) => {
    expect(withoutEndMark(text)).toBe(sent);
  });
});

describe("its lines", () => {
  it("end at any line break, and the last one begins none", () => {
    expect(linesOf("a\r\nb\rc\nd\n")).toEqual(["a", "b", "c", "d"]);
    expect(linesOf("a\n\n")).toEqual(["a", ""]);
    expect(linesOf("")).toEqual([""]);
  });

  it("become one, without what stands around them", () => {
    expect(asOneLine("docker run \n   --rm\n\n  alpine\r\n")).toBe("docker run --rm alpine");
  });

  it("show what is not seen", () => {
    expect(piecesOf("a\tb\x1b[2K\x7f\u202eod")).toEqual([
      { text: "a", hidden: false },
      { text: "^I", hidden: true },
      { text: "b", hidden: false },
      { text: "^[", hidden: true },
      { text: "[2K", hidden: false },
      { text: "^?", hidden: true },
      { text: "U+202E", hidden: true },
      { text: "od", hidden: false },
    ]);
  });

  it("are shown up to the tenth, and as long as one can read", () => {
    const { lines, more } = preview(`${"x".repeat(1000)}\n${"y\n".repeat(24)}`);
    expect([lines.length, more]).toEqual([10, 15]);
    expect(lines[0]?.[0]?.text).toBe(`${"x".repeat(200)}…`);
    expect(preview("a\nb")).toEqual({ lines: [[{ text: "a", hidden: false }], [{ text: "b", hidden: false }]], more: 0 });
  });
});

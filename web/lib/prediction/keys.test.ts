import { describe, expect, it } from "vitest";
import { byteLength, keysOf } from "./keys";

const kinds = (text: string) => keysOf(text)?.map(({ action }) => (action.kind === "print" ? action.width : action.kind));

describe("what typed text does", () => {
  it("characters take one column or two", () => {
    expect(kinds("aé€ж–漢한🙂 ~")).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 1, 1]);
  });

  it.each([["\x7f", "erase"], ["\x1b[D", "left"], ["\x1bOD", "left"], ["\x1b[C", "right"], ["\x1bOC", "right"]])("%j is a key", (text, kind) => {
    expect(kinds(text)).toEqual([kind]);
  });

  it.each([["\r"], ["\t"], ["\x03"], ["\x1b"], ["\x1b[A"], ["a\rb"], ["\x1b[200~x\x1b[201~"], ["e\u0301"], ["\u200b"], ["\u202e"], ["\xad"], ["ض"], ["ไ"], ["\u0085"], ["x".repeat(33)]])("nobody knows for %j", (text) => {
    expect(keysOf(text)).toBeNull();
  });

  it("counts the bytes that go to the target", () => {
    const text = "aé漢🙂";
    expect(keysOf(text)?.map(({ bytes }) => bytes)).toEqual([1, 2, 3, 4]);
    expect(byteLength(text)).toBe(new TextEncoder().encode(text).length);
  });
});

import { describe, expect, it } from "vitest";
import { isDesktopPanel, isFind, isPalette, isPaletteInShell, keyName, placeOf, type KeyPress } from "./shortcuts";

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key, code: `Key${key.toUpperCase()}`, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held,
});

describe("the key that searches", () => {
  it("is Ctrl+Shift+F, or Cmd+Shift+F", () => {
    expect(isFind(press("F", { ctrlKey: true, shiftKey: true }))).toBe(true);
    expect(isFind(press("f", { metaKey: true, shiftKey: true }))).toBe(true);
  });

  it("is found on keyboards of other scripts, and where letters stand elsewhere", () => {
    expect(isFind(press("А", { code: "KeyF", ctrlKey: true, shiftKey: true }))).toBe(true);
    expect(isFind(press("F", { code: "KeyY", ctrlKey: true, shiftKey: true }))).toBe(true);
    expect(isFind(press("U", { code: "KeyF", ctrlKey: true, shiftKey: true }))).toBe(false);
  });

  it("is nothing that belongs to the target", () => {
    expect(isFind(press("f", { ctrlKey: true }))).toBe(false);
    expect(isFind(press("F", { shiftKey: true }))).toBe(false);
    expect(isFind(press("F", { ctrlKey: true, shiftKey: true, altKey: true }))).toBe(false);
  });
});

describe("the keys that lead out of a desktop", () => {
  const held = { ctrlKey: true, altKey: true, shiftKey: true };

  it("are Ctrl, Alt and Shift, whichever comes last", () => {
    for (const key of ["Control", "Alt", "Shift", "Meta"]) expect(isDesktopPanel(press(key, held))).toBe(true);
  });

  it("are nothing that has one more key, or one less", () => {
    expect(isDesktopPanel(press("k", held))).toBe(false);
    expect(isDesktopPanel(press("Alt", { ...held, shiftKey: false }))).toBe(false);
  });
});

describe("the key of the command palette", () => {
  const plain = press("k", { ctrlKey: true });
  const shifted = press("K", { ctrlKey: true, shiftKey: true });

  it("is Ctrl+K on pages, and one that no shell uses where there is one", () => {
    expect([isPalette(plain), isPalette(shifted)]).toEqual([true, false]);
    expect([isPaletteInShell(plain), isPaletteInShell(shifted)]).toEqual([false, true]);
  });

  it("is called as it is on that system's keys", () => {
    expect(keyName("K", "Linux x86_64")).toBe("Ctrl+K");
    expect([keyName("K", "Linux x86_64", true), keyName("K", "MacIntel", true)]).toEqual(["Ctrl+Shift+K", "⌘⇧K"]);
  });
});

describe("a key that names a place", () => {
  it("is Alt and a digit, whatever that digit's key types", () => {
    expect(placeOf(press("1", { code: "Digit1", altKey: true }))).toBe(0);
    expect(placeOf(press("ª", { code: "Digit9", altKey: true }))).toBe(8);
  });

  it("is no other", () => {
    expect(placeOf(press("0", { code: "Digit0", altKey: true }))).toBeNull();
    expect(placeOf(press("1", { code: "Digit1" }))).toBeNull();
    expect(placeOf(press("1", { code: "Digit1", altKey: true, ctrlKey: true }))).toBeNull();
    expect(placeOf(press("a", { altKey: true }))).toBeNull();
  });
});

import { describe, expect, it } from "vitest";
import { NO_MODIFIERS, sequenceOf, withModifiers } from "./sticky";

const CTRL = { ctrl: true, alt: false };
const ALT = { ctrl: false, alt: true };
const BOTH = { ctrl: true, alt: true };

describe("keys that a phone has not", () => {
  it("are sent as a keyboard's", () => {
    expect(sequenceOf("Esc", NO_MODIFIERS, false)).toBe("\x1b");
    expect(sequenceOf("Tab", NO_MODIFIERS, false)).toBe("\t");
    expect(sequenceOf("Up", NO_MODIFIERS, false)).toBe("\x1b[A");
    expect(sequenceOf("PgDn", NO_MODIFIERS, false)).toBe("\x1b[6~");
  });

  it("are the application's arrows where it asked for them", () => {
    expect(["Up", "Down", "Right", "Left"].map((key) => sequenceOf(key as "Up", NO_MODIFIERS, true))).toEqual(["\x1bOA", "\x1bOB", "\x1bOC", "\x1bOD"]);
  });

  it("say what is held with them", () => {
    expect(sequenceOf("Left", CTRL, true)).toBe("\x1b[1;5D");
    expect(sequenceOf("Right", ALT, false)).toBe("\x1b[1;3C");
    expect(sequenceOf("PgUp", BOTH, false)).toBe("\x1b[5;7~");
    expect(sequenceOf("Tab", ALT, false)).toBe("\x1b\t");
  });
});

describe("Ctrl and Alt that stay pressed", () => {
  it.each([
    ["c", CTRL, "\x03"],
    ["C", CTRL, "\x03"],
    ["[", CTRL, "\x1b"],
    [" ", CTRL, "\0"],
    ["/", CTRL, "\x1f"],
    ["?", CTRL, "\x7f"],
    ["b", ALT, "\x1bb"],
    ["é", ALT, "\x1bé"],
    ["c", BOTH, "\x1b\x03"],
    ["漢", CTRL, "漢"],
  ])("change the next character: %j with %o is %j", (typed, held, text) => {
    expect(withModifiers(typed, held)).toEqual({ text, used: true });
  });

  it.each(["\x1b[A", "pasted text", "\x1b[>0;276;0c", "\x1b"])("leave alone what is no character, as what a terminal answers: %j", (text) => {
    expect(withModifiers(text, BOTH)).toEqual({ text, used: false });
  });

  it("are not there where they are not pressed", () => {
    expect(withModifiers("c", NO_MODIFIERS)).toEqual({ text: "c", used: false });
  });
});

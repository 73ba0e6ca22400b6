/**
 * Keys that a phone's keyboard has not, as a terminal sends them (xterm's control sequences, "PC-Style Function Keys"),
 * and Ctrl and Alt that stay pressed until the next character. Pure.
 */

export interface Modifiers {
  ctrl: boolean;
  alt: boolean;
}

export const NO_MODIFIERS: Modifiers = { ctrl: false, alt: false };

export const SPECIAL_KEYS = ["Esc", "Tab", "Up", "Down", "Right", "Left", "PgUp", "PgDn"] as const;
export type SpecialKey = (typeof SPECIAL_KEYS)[number];

const ARROWS: Partial<Record<SpecialKey, string>> = { Up: "A", Down: "B", Right: "C", Left: "D" };
const PAGES: Partial<Record<SpecialKey, number>> = { PgUp: 5, PgDn: 6 };
const ESCAPE = "\x1b";

/** `applicationCursor`: the program wants arrows that are told from the cursor's own movements (DECCKM). */
export function sequenceOf(key: SpecialKey, { ctrl, alt }: Modifiers, applicationCursor: boolean): string {
  const held = ctrl || alt ? 1 + (alt ? 2 : 0) + (ctrl ? 4 : 0) : null;
  const arrow = ARROWS[key];
  if (arrow) return held === null ? `${ESCAPE}${applicationCursor ? "O" : "["}${arrow}` : `${ESCAPE}[1;${held}${arrow}`;
  const page = PAGES[key];
  if (page) return held === null ? `${ESCAPE}[${page}~` : `${ESCAPE}[${page};${held}~`;
  const plain = key === "Esc" ? ESCAPE : "\t";
  return alt ? `${ESCAPE}${plain}` : plain;
}

/** What Ctrl makes of characters that have no place between "@" and "_", as on a VT220. */
const OTHER_CONTROLS: Record<string, number> = { " ": 0, "2": 0, "3": 27, "4": 28, "5": 29, "6": 30, "7": 31, "8": 127, "?": 127, "/": 31, "-": 31, "|": 28, "~": 30, "`": 0 };

function controlled(character: string): string {
  const other = OTHER_CONTROLS[character];
  if (other !== undefined) return String.fromCharCode(other);
  const point = character.toUpperCase().charCodeAt(0);
  return character.length === 1 && point >= 0x40 && point < 0x60 ? String.fromCharCode(point & 0x1f) : character;
}

/** Text as it goes to the target; `used` says that it was a character, and what stayed pressed is let go. */
export function withModifiers(text: string, { ctrl, alt }: Modifiers): { text: string; used: boolean } {
  const typed = [...text].length === 1 && text !== ESCAPE;
  if (!typed || !(ctrl || alt)) return { text, used: false };
  const changed = ctrl ? controlled(text) : text;
  return { text: alt ? `${ESCAPE}${changed}` : changed, used: true };
}

/**
 * What typed text does to a line, as far as that can be known beforehand: characters, erasing the one before, and the
 * two arrows. All else, and text of several lines, is `null`: nobody knows what the program makes of it. Pure.
 */

export type Action = { kind: "print"; text: string; width: 1 | 2 } | { kind: "erase" } | { kind: "left" } | { kind: "right" };

export interface Key {
  action: Action;
  /** As many bytes of input it is. */
  bytes: number;
}

/** More at once is pasted, and its echo comes at once too. */
const MOST_CHARACTERS = 32;

const KEYS: Record<string, Action> = {
  "\x7f": { kind: "erase" },
  "\x1b[D": { kind: "left" },
  "\x1bOD": { kind: "left" },
  "\x1b[C": { kind: "right" },
  "\x1bOC": { kind: "right" },
};

/** Two columns in every terminal: East Asian Wide and Fullwidth (UAX 11), in blocks. */
const WIDE = /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]$/u;
/** One column in every terminal: no marks, no controls, nothing that joins what is beside it. */
const NARROW = /^(?:[\x20-\x7e]|(?![\u0600-\u10ff])[\u00a1-\u10ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf](?<=[\p{L}\p{N}\p{P}\p{S}]))$/u;

function width(character: string): 1 | 2 | null {
  if (NARROW.test(character)) return 1;
  return WIDE.test(character) ? 2 : null;
}

/** The length in UTF-8. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

export function keysOf(text: string): Key[] | null {
  const single = KEYS[text];
  if (single) return [{ action: single, bytes: text.length }];
  const keys: Key[] = [];
  for (const character of text) {
    const columns = width(character);
    if (columns === null || keys.length === MOST_CHARACTERS) return null;
    keys.push({ action: { kind: "print", text: character, width: columns }, bytes: byteLength(character) });
  }
  return keys;
}

/**
 * What becomes of pasted text. A shell that does not know where a paste begins and ends runs each of its lines at once:
 * there one is asked first. Pure.
 */

/** More at once is refused: it would not fit into what may wait for the target. */
export const MAX_PASTE_BYTES = 1_000_000;
const SHOWN_LINES = 10;
const SHOWN_CHARACTERS = 200;
const LINE_BREAK = /\r\n|\r|\n/;
/**
 * Ends a paste where the program asked for marks around it (xterm's control sequences, "Bracketed Paste Mode"), in both
 * forms of its introducer (ECMA-48, CSI).
 */
const END_MARK = /(?:\x1b\[|\x9b)201~/g;

export type Decision = "paste" | "ask" | "too_large";

export interface Circumstances {
  /** The program marks where a paste begins and ends, and decides itself. */
  bracketed: boolean;
  /** The person wants to be asked. */
  asks: boolean;
}

export function decide(text: string, { bracketed, asks }: Circumstances): Decision {
  if (new Blob([text]).size > MAX_PASTE_BYTES) return "too_large";
  return asks && !bracketed && LINE_BREAK.test(text) ? "ask" : "paste";
}

/**
 * Without the mark that would end the paste early and have the rest run as if it were typed. A sign for it stays: where
 * it was only taken away, what stands around it could come together to another one.
 */
export const withoutEndMark = (text: string): string => text.replace(END_MARK, "␛[201~");

/** The lines; a line break at the end begins none. */
export function linesOf(text: string): string[] {
  const lines = text.split(LINE_BREAK);
  return lines.length > 1 && lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

/** Nothing of it runs before Enter is pressed. */
export const asOneLine = (text: string): string => linesOf(text).map((line) => line.trim()).filter((line) => line !== "").join(" ");

export interface Piece {
  text: string;
  /** It stands for a character that is not seen. */
  hidden: boolean;
}

/** Controls, and what turns the direction of text or takes no room: all that hides what a line does. */
const HIDDEN = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

function visible(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x20 || point === 0x7f) return `^${String.fromCodePoint(point ^ 0x40)}`; // As `cat -v` shows them.
  return `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** A line in pieces, with a sign for each character that is not seen. */
export function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = [];
  for (const character of line) {
    const hidden = HIDDEN.test(character);
    const last = pieces.at(-1);
    if (last && !hidden && !last.hidden) last.text += character;
    else pieces.push({ text: hidden ? visible(character) : character, hidden });
  }
  return pieces;
}

export interface Preview {
  lines: Piece[][];
  /** As many lines are not shown. */
  more: number;
}

export function preview(text: string): Preview {
  const lines = linesOf(text);
  const cut = (line: string) => (line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line);
  return { lines: lines.slice(0, SHOWN_LINES).map((line) => piecesOf(cut(line))), more: Math.max(0, lines.length - SHOWN_LINES) };
}

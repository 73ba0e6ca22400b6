/**
 * Guacamole's instructions as text: `6.select,3.vnc;`, elements with their lengths in Unicode code points. Pure; for the
 * wire as for recordings. Takes text in any pieces, keeps no more than one unfinished instruction, and refuses what is
 * longer than any real one.
 */

/** guacd itself takes at most as many. */
export const MAX_ELEMENTS = 128;
/** Code points of one instruction's elements. guacd's are below 8 KiB; our own carry texts for people. */
export const MAX_LENGTH = 256 * 1024;
const MAX_DIGITS = String(MAX_LENGTH).length;

export class InstructionError extends Error {}

const SURROGATE = /[\ud800-\udfff]/;
const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

/** How many code points; a lone half of one counts as one, as it does in what a string iterates over. */
export function codePoints(text: string): number {
  if (!SURROGATE.test(text)) return text.length;
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

export function encode(elements: readonly (string | number)[]): string {
  const parts = elements.map((element) => {
    const text = String(element);
    return `${codePoints(text)}.${text}`;
  });
  return `${parts.join(",")};`;
}

/** Where so many code points from `from` on end; `null` where the text ends before, or amid one. */
function endOf(text: string, from: number, count: number): number | null {
  const plain = from + count;
  if (plain > text.length) return null;
  if (!SURROGATE.test(text.slice(from, plain))) return plain;
  let at = from;
  for (let left = count; left > 0; left -= 1) {
    if (at >= text.length) return null;
    const pair = isHigh(text.charCodeAt(at)) && isLow(text.charCodeAt(at + 1));
    at += pair ? 2 : 1;
  }
  return at <= text.length ? at : null;
}

export class InstructionParser {
  #text = "";
  #elements: string[] = [];
  /** Code points of `#elements`. */
  #length = 0;

  /** Whether an instruction has begun and is not whole yet. */
  get isAmid(): boolean {
    return this.#text !== "" || this.#elements.length > 0;
  }

  /** The instructions that this piece makes whole, each with its opcode first. */
  feed(piece: string): string[][] {
    const text = this.#text + piece;
    const whole: string[][] = [];
    let at = 0;
    for (;;) {
      const dot = this.#dot(text, at);
      if (dot === null) break;
      const length = this.#lengthOf(text.slice(at, dot));
      const end = endOf(text, dot + 1, length);
      // One character more: what is behind the element says whether it is the last.
      if (end === null || end >= text.length) break;
      this.#add(text.slice(dot + 1, end), length);
      const mark = text[end];
      if (mark === ";") {
        whole.push(this.#elements);
        this.#elements = [];
        this.#length = 0;
      } else if (mark !== ",") {
        throw new InstructionError("element");
      }
      at = end + 1;
    }
    this.#text = text.slice(at);
    return whole;
  }

  /** Where the digits of a length end; `null` while they may go on. */
  #dot(text: string, from: number): number | null {
    const dot = text.indexOf(".", from);
    const end = dot < 0 ? text.length : dot;
    if (end - from > MAX_DIGITS || !/^\d*$/.test(text.slice(from, end))) throw new InstructionError("length");
    return dot < 0 ? null : dot;
  }

  #lengthOf(digits: string): number {
    const length = digits === "" ? Number.NaN : Number(digits);
    if (!(this.#length + length <= MAX_LENGTH)) throw new InstructionError("length");
    return length;
  }

  #add(element: string, length: number): void {
    if (this.#elements.length >= MAX_ELEMENTS) throw new InstructionError("elements");
    this.#elements.push(element);
    this.#length += length;
  }
}

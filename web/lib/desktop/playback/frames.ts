/**
 * The frames of a desktop's recording, found by time. Grows while the recording is read, up to a limit. Their text is given
 * to the browser in parts, which may put them on its disk; only what is being shown is in this page's memory.
 */
import { countUntil, type Track } from "@/lib/playback/playhead";
import type { Frame } from "./parse";

/** What a browser should hold of one recording; what is beyond is in the download. */
export const MAX_CHARACTERS = 512 * 1024 * 1024;
export const MAX_FRAMES = 2_000_000;
/** A part ends behind the frame that makes it this long. */
export const PART_CHARACTERS = 1024 * 1024;
/** Parts that are kept as text: the one that is shown, and the next. */
const TEXTS = 2;

interface Part {
  /** Where it begins in the whole text. */
  from: number;
  text: Blob;
}

export class Frames implements Track {
  readonly #times: number[] = [];
  /** Where each frame ends in the whole text. */
  readonly #ends: number[] = [];
  readonly #parts: Part[] = [];
  /** What is not in a part yet. */
  #rest: string[] = [];
  #restFrom = 0;
  readonly #texts = new Map<Part, Promise<string>>();
  #full = false;

  constructor(private readonly limits: { characters: number; frames: number } = { characters: MAX_CHARACTERS, frames: MAX_FRAMES }) {}

  get full(): boolean {
    return this.#full;
  }

  get length(): number {
    return this.#times.length;
  }

  get durationMs(): number {
    return this.#times.at(-1) ?? 0;
  }

  append(frames: readonly Frame[]): void {
    for (const { atMs, text } of frames) {
      const end = this.endOf(this.length) + text.length;
      this.#full ||= this.length >= this.limits.frames || end > this.limits.characters;
      if (this.#full) return;
      this.#times.push(atMs);
      this.#ends.push(end);
      this.#rest.push(text);
      if (end - this.#restFrom >= PART_CHARACTERS) this.#closePart(end);
    }
  }

  countUntil(ms: number): number {
    return countUntil(this.length, (index) => this.#times[index], ms);
  }

  timeAt(index: number): number | undefined {
    return this.#times[index];
  }

  /** How long the text of the first so many frames is. */
  endOf(count: number): number {
    return this.#ends[Math.min(count, this.length) - 1] ?? 0;
  }

  /** The instructions of the frames from one count to another. */
  async read(from: number, until: number): Promise<string> {
    const [begin, end] = [this.endOf(from), this.endOf(until)];
    const within = (text: string, at: number): string => text.slice(Math.max(0, begin - at), end - at);
    // First of all: by the time that a part is read there may be more, and the rest in one of them.
    const rest = end > this.#restFrom ? within(this.#rest.join(""), this.#restFrom) : "";
    const parts = this.#parts.filter(({ from: at, text }) => at < end && at + text.size > begin);
    const pieces: string[] = [];
    for (const part of parts) pieces.push(within(await this.#textOf(part), part.from));
    return pieces.join("") + rest;
  }

  #closePart(end: number): void {
    this.#parts.push({ from: this.#restFrom, text: new Blob(this.#rest) });
    this.#rest = [];
    this.#restFrom = end;
  }

  #textOf(part: Part): Promise<string> {
    const text = this.#texts.get(part) ?? part.text.text();
    // The newest comes last.
    this.#texts.delete(part);
    this.#texts.set(part, text);
    for (const oldest of this.#texts.keys()) {
      if (this.#texts.size <= TEXTS) break;
      this.#texts.delete(oldest);
    }
    return text;
  }
}

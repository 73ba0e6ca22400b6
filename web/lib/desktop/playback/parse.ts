/**
 * Reads the recording of a desktop as its text arrives: frames, each ended by a `sync` with guacd's own time. A frame keeps
 * what draws and nothing else. Nothing in a recording is trusted: what is not known to draw is left out, so is an image
 * whose end is not there, and times never go back. Pure.
 */
import { Unplayable } from "@/lib/playback/unplayable";
import { player } from "@/texts/player";
import { encode, InstructionError, InstructionParser } from "../instructions";

/** A frame with more than this is none. */
export const MAX_FRAME_CHARACTERS = 64 * 1024 * 1024;
/** Four weeks, as for shells. */
export const MAX_TIME_MS = 28 * 86_400_000;

/** What draws, of all versions up to 1.6. */
const DRAWS = new Set(["arc", "cfill", "clip", "close", "copy", "cstroke", "cursor", "curve", "dispose", "distort", "identity", "jpeg", "lfill", "line", "lstroke", "mouse", "move", "png", "pop", "push", "rect", "reset", "set", "shade", "size", "start", "transfer", "transform"]);

export interface Frame {
  /** Since the first one. */
  atMs: number;
  /** Whole instructions, without the `sync`. */
  text: string;
}

interface Kept {
  text: string;
  /** The image's stream that it belongs to. */
  stream: string | null;
}

export class FrameParser {
  readonly #parser = new InstructionParser();
  #kept: Kept[] = [];
  #characters = 0;
  /** Streams of images that have begun and not ended. */
  readonly #open = new Set<string>();
  /** guacd's time at the recording's begin; a clock that was set back moves it. */
  #beginMs: number | null = null;
  #lastMs = 0;

  constructor(private readonly mostCharacters = MAX_FRAME_CHARACTERS) {}

  /** The frames that the text completes. Throws `Unplayable` where it is damaged. */
  push(text: string): Frame[] {
    return this.#feed(text).flatMap(([opcode, ...parameters]) => {
      if (opcode === "sync") return this.#frame(Number(parameters[0]));
      this.#take(opcode ?? "", parameters);
      return [];
    });
  }

  #feed(text: string): string[][] {
    try {
      return this.#parser.feed(text);
    } catch (error) {
      throw error instanceof InstructionError ? new Unplayable(player.damagedPictures) : error;
    }
  }

  #take(opcode: string, parameters: string[]): void {
    const index = parameters[0] ?? "";
    if (opcode === "img") this.#open.add(index);
    const ofImage = (opcode === "img" || opcode === "blob" || opcode === "end") && this.#open.has(index);
    if (opcode === "end") this.#open.delete(index);
    if (!ofImage && !DRAWS.has(opcode)) return;
    const text = encode([opcode, ...parameters]);
    this.#characters += text.length;
    if (this.#characters > this.mostCharacters) throw new Unplayable(player.damagedPictures);
    this.#kept.push({ text, stream: ofImage ? index : null });
  }

  #frame(timestamp: number): Frame[] {
    const whole = this.#kept.filter(({ stream }) => stream === null || !this.#open.has(stream));
    this.#kept = [];
    this.#characters = 0;
    this.#open.clear();
    const atMs = this.#time(timestamp);
    // Nothing moved.
    if (whole.length === 0) return [];
    return [{ atMs, text: whole.map(({ text }) => text).join("") }];
  }

  #time(timestamp: number): number {
    if (!Number.isSafeInteger(timestamp)) return this.#lastMs;
    this.#beginMs ??= timestamp;
    // The clock was set back: time goes on from where it was.
    this.#beginMs = Math.min(this.#beginMs, timestamp - this.#lastMs);
    this.#lastMs = Math.min(MAX_TIME_MS, timestamp - this.#beginMs);
    return this.#lastMs;
  }
}

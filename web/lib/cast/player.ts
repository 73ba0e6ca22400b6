/**
 * Plays a timeline: where it stands, and what the terminal has to be given to stand there too. It has no clock and no
 * terminal: somebody tells it how much time went by and asks for the next batch whenever the terminal is done.
 */
import type { Timeline } from "./timeline";

export type Command =
  /** Begin again with an empty terminal of this size. */
  | { type: "reset"; cols: number; rows: number }
  | { type: "write"; text: string }
  | { type: "resize"; cols: number; rows: number };

export const SPEEDS = [0.5, 1, 2, 4, 8] as const;
export type Speed = (typeof SPEEDS)[number];
/** With idle times skipped, nothing makes one wait longer than this. */
export const IDLE_MS = 1000;
/** About as much as a terminal reads within a frame. */
export const BATCH_CHARACTERS = 256 * 1024;

export class Player {
  playing = false;
  speed: Speed = 1;
  skipIdle = true;
  #positionMs = 0;
  /** Events that were given out. */
  #given = 0;
  #reset = true;

  constructor(private readonly timeline: Timeline) {}

  get positionMs(): number {
    return this.#positionMs;
  }

  /** Whether the terminal is not yet where the player is. */
  get behind(): boolean {
    return this.#reset || this.#given < this.timeline.countUntil(this.#positionMs);
  }

  get atEnd(): boolean {
    return this.#positionMs >= this.timeline.durationMs;
  }

  /** Plays on; from the end, plays again. */
  play(): void {
    if (this.atEnd) this.seek(0);
    this.playing = true;
  }

  pause(): void {
    this.playing = false;
  }

  seek(ms: number): void {
    const wanted = Math.min(Math.max(0, ms), this.timeline.durationMs);
    // A terminal cannot go back: it begins again and reads everything up to there.
    if (this.timeline.countUntil(wanted) < this.#given) {
      this.#given = 0;
      this.#reset = true;
    }
    this.#positionMs = wanted;
  }

  /** Time went by. Stands still while the terminal is behind. `complete`: the timeline grows no more. */
  advance(elapsedMs: number, complete: boolean): void {
    if (!this.playing || this.behind) return;
    let next = this.#positionMs + elapsedMs * this.speed;
    if (this.skipIdle) {
      const coming = this.timeline.at(this.#given)?.atMs;
      if (coming !== undefined) next = Math.max(next, coming - IDLE_MS * this.speed);
    }
    this.#positionMs = Math.min(next, this.timeline.durationMs);
    if (this.atEnd && complete) this.playing = false;
  }

  /** What the terminal has to be given next, at most a batch; empty once it is where the player is. */
  take(): Command[] {
    const commands: Command[] = [];
    if (this.#reset) {
      this.#reset = false;
      commands.push({ type: "reset", cols: this.timeline.cols, rows: this.timeline.rows });
    }
    const until = this.timeline.countUntil(this.#positionMs);
    let texts: string[] = [];
    let size = 0;
    const write = () => {
      if (texts.length > 0) commands.push({ type: "write", text: texts.join("") });
      texts = [];
    };
    while (this.#given < until && size < BATCH_CHARACTERS) {
      const event = this.timeline.at(this.#given);
      this.#given += 1;
      if (event?.type === "output") {
        texts.push(event.text);
        size += event.text.length;
      } else if (event) {
        write();
        commands.push({ type: "resize", cols: event.cols, rows: event.rows });
        // Each makes the terminal lay out its lines anew.
        size += BATCH_CHARACTERS / 64;
      }
    }
    write();
    return commands;
  }
}

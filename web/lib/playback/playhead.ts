/**
 * Where the playing of a recording stands: what players of shells and of desktops have in common. It has no clock and no
 * screen: somebody tells it how much time went by, and asks for the next batch whenever the screen is done.
 */

/** What happened, in order, found by time. Grows while the recording is read, up to a limit. */
export interface Track {
  /** It holds as much as it may, and nothing more is taken. */
  readonly full: boolean;
  readonly durationMs: number;
  /** How many have happened at this time. */
  countUntil(ms: number): number;
  /** When this one happened. */
  timeAt(index: number): number | undefined;
}

/** How many of so many, in the order of their times, have happened at this time. */
export function countUntil(length: number, timeAt: (index: number) => number | undefined, ms: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timeAt(middle) ?? Infinity) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const SPEEDS = [0.5, 1, 2, 4, 8] as const;
export type Speed = (typeof SPEEDS)[number];
/** With idle times skipped, nothing makes one wait longer than this. */
export const IDLE_MS = 1000;

export abstract class Playhead<Command> {
  playing = false;
  speed: Speed = 1;
  skipIdle = true;
  /** How many of the track were given out. */
  protected given = 0;
  #positionMs = 0;
  /** As `given` was when the screen was last where the player is, or began to come from elsewhere. */
  #from = 0;

  constructor(protected readonly track: Track) {}

  /** What the screen has to be given next, at most a batch; empty once it is where the player is. */
  abstract take(): Command[];

  /** The screen is to show how it stood after so many. */
  protected abstract goTo(count: number): void;

  /** Whether the screen is so far behind that time has to stand still. */
  protected abstract get isLate(): boolean;

  get positionMs(): number {
    return this.#positionMs;
  }

  /** Whether the screen is not yet where the player is. */
  get behind(): boolean {
    return this.given < this.wanted;
  }

  protected get wanted(): number {
    return this.track.countUntil(this.#positionMs);
  }

  /** How much of its way the screen has come, from 0 to 1. */
  get progress(): number {
    const way = this.wanted - this.#from;
    return way <= 0 ? 1 : Math.max(0, (this.given - this.#from) / way);
  }

  get atEnd(): boolean {
    return this.#positionMs >= this.track.durationMs;
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
    const wanted = Math.min(Math.max(0, ms), this.track.durationMs);
    this.goTo(this.track.countUntil(wanted));
    this.#from = this.given;
    this.#positionMs = wanted;
  }

  /** Time went by. `complete`: the track grows no more. */
  advance(elapsedMs: number, complete: boolean): void {
    if (!this.behind) this.#from = this.given;
    if (!this.playing || this.isLate) return;
    let next = this.#positionMs + elapsedMs * this.speed;
    if (this.skipIdle) {
      const coming = this.track.timeAt(this.given);
      if (coming !== undefined) next = Math.max(next, coming - IDLE_MS * this.speed);
    }
    this.#positionMs = Math.min(next, this.track.durationMs);
    if (this.atEnd && complete) this.playing = false;
  }
}

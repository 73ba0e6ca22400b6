/**
 * How much of a desktop is asked for: what a person chose and, where the line is to decide, what it showed. Lost packets
 * show as round trips that take longer. Pure.
 */
export const QUALITIES = ["auto", "text", "low"] as const;
/** `text`: every pixel of this screen, whatever the line does; `low`: as few bytes as may be; `auto`: as the line allows. */
export type Quality = (typeof QUALITIES)[number];

/** Why less is asked for. */
export type Saving =
  | { cause: "chosen" }
  /** The round trip takes so long. */
  | { cause: "slow"; ms: number }
  /** The picture was begun anew, for too much of it waited. */
  | { cause: "behind" };

/** A round trip of this and more is slow. */
export const SLOW_MS = 300;
/** One below this is fast again. */
export const FAST_MS = 200;
/** Round trips that are looked at: their median counts. */
const LAST = 5;
/** So many must be known. */
const ENOUGH = 3;
/** Slow for so long at least; each time it comes back soon, twice as long. */
export const FIRST_WAIT_MS = 60_000;
export const LONGEST_WAIT_MS = 15 * 60_000;

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/** Whether a line carries a whole desktop. */
export class LineJudge {
  /** Why it does not; `null`: it does. */
  slow: Exclude<Saving, { cause: "chosen" }> | null = null;
  #last: number[] = [];
  #until = 0;
  #wait = FIRST_WAIT_MS;

  measured(ms: number, now: number): void {
    this.#last = [...this.#last, ms].slice(-LAST);
    if (this.#last.length < ENOUGH) return;
    const usual = median(this.#last);
    if (usual > SLOW_MS) return this.#tooMuch({ cause: "slow", ms: Math.round(usual) }, now);
    if (this.slow !== null && usual < FAST_MS && now >= this.#until) {
      this.slow = null;
      this.#last = [];
    }
  }

  fellBehind(now: number): void {
    this.#tooMuch({ cause: "behind" }, now);
  }

  /** Other pixels are sent from now on: what was measured is of those before. */
  begins(): void {
    this.#last = [];
  }

  #tooMuch(cause: Exclude<Saving, { cause: "chosen" }>, now: number): void {
    if (this.slow === null) {
      const soon = now < this.#until + this.#wait;
      this.#wait = this.#until > 0 && soon ? Math.min(LONGEST_WAIT_MS, 2 * this.#wait) : FIRST_WAIT_MS;
      this.slow = cause;
    }
    this.#until = now + this.#wait;
  }
}

/**
 * Whether the way to the target is long enough for predictions to help: a smoothed round trip, with a gap between on
 * and off so that it does not change with every key. Pure.
 */

/** Predictions begin above this. Less is hardly felt, and every prediction may be wrong. */
export const ON_ABOVE_MS = 60;
/** And end below this. */
export const OFF_BELOW_MS = 40;
/** A key that waits longer than this has predictions shown however short the way was: something is wrong with it. */
export const STUCK_MS = 250;
/** A sample counts at most so much: a line that was away for a minute is not a slow line once it is back. */
const LONGEST_MS = 1000;
const WEIGHT = 1 / 4;

export class RoundTrip {
  #smoothed: number | null = null;
  #far = false;

  /** Smoothed; 0 before anything was measured. */
  get ms(): number {
    return this.#smoothed ?? 0;
  }

  get isLong(): boolean {
    return this.#far;
  }

  measured(ms: number): void {
    const sample = Math.min(LONGEST_MS, Math.max(0, ms));
    this.#smoothed = this.#smoothed === null ? sample : this.#smoothed + (sample - this.#smoothed) * WEIGHT;
    if (this.#smoothed > ON_ABOVE_MS) this.#far = true;
    else if (this.#smoothed < OFF_BELOW_MS) this.#far = false;
  }
}

/**
 * How the screen stood at some frames, the first one among them, so that going elsewhere need not begin with nothing. There
 * are never more than a few: when they are too many, every second one goes, and new ones come half as often. Pure.
 */

export interface Keyframe<State> {
  /** After so many frames. */
  count: number;
  /** So long is their text. */
  end: number;
  state: State;
}

export const MOST = 64;
/** As much text as a browser draws in about a tenth of a second. */
export const FIRST_SPACING = 1024 * 1024;

export class Keyframes<State> {
  #list: Keyframe<State>[] = [];
  #spacing = FIRST_SPACING;

  constructor(private readonly most = MOST) {}

  get length(): number {
    return this.#list.length;
  }

  /** The last one at or before this count. */
  before(count: number): Keyframe<State> | undefined {
    return this.#list.findLast((keyframe) => keyframe.count <= count);
  }

  /** Whether there should be one where the text is so long. */
  isDue(end: number): boolean {
    return this.#list.every((keyframe) => Math.abs(keyframe.end - end) >= this.#spacing);
  }

  keep(keyframe: Keyframe<State>): void {
    if (!this.isDue(keyframe.end)) return;
    this.#list.push(keyframe);
    this.#list.sort((one, other) => one.count - other.count);
    if (this.#list.length <= this.most) return;
    this.#list = this.#list.filter((_, index) => index % 2 === 0);
    this.#spacing *= 2;
  }
}

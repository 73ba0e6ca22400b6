/**
 * When it is said that a frame was drawn. guacd draws the next one once it hears that, and what changes meanwhile is drawn
 * once; so where few bytes are wanted it hears it later. The first answer of a picture goes at once: guacd takes the time of
 * that for the distance, and of later ones for what this browser can take.
 */
export const LATER_MS = 300;

export class Pace {
  #first = true;

  /** In how many milliseconds the next answer goes. */
  next(saves: boolean): number {
    const first = this.#first;
    this.#first = false;
    return saves && !first ? LATER_MS : 0;
  }
}

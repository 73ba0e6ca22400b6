/**
 * Which keys the desktop takes for pressed. A key that was released while nothing could be sent is released as soon as
 * something can: no key stays down over there. Pure.
 */
export class KeyRelay {
  /** The desktop takes these for pressed, and so they are. */
  readonly #down = new Set<number>();
  /** The desktop takes these for pressed, and they are not. */
  readonly #owed = new Set<number>();

  /** `send` says whether it went. */
  constructor(private readonly send: (pressed: boolean, keysym: number) => boolean) {}

  press(keysym: number): void {
    if (!this.send(true, keysym)) return;
    this.#down.add(keysym);
    this.#owed.delete(keysym);
  }

  release(keysym: number): void {
    if (!this.#down.delete(keysym)) return;
    if (!this.send(false, keysym)) this.#owed.add(keysym);
  }

  /** Something can be sent again. */
  settle(): void {
    for (const keysym of [...this.#owed]) if (this.send(false, keysym)) this.#owed.delete(keysym);
  }
}

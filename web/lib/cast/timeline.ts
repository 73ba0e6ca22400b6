/** A recording's events in order, found by time. Grows while the recording is read, up to a limit. Pure. */
import { countUntil, type Track } from "@/lib/playback/playhead";
import type { CastEvent } from "./parse";

/** What a browser's memory should hold of one recording; what is beyond is in the download. */
export const MAX_CHARACTERS = 128 * 1024 * 1024;
export const MAX_EVENTS = 2_000_000;

export class Timeline implements Track {
  readonly #events: CastEvent[] = [];
  #characters = 0;
  #full = false;

  constructor(
    readonly cols: number,
    readonly rows: number,
    private readonly limits: { characters: number; events: number } = { characters: MAX_CHARACTERS, events: MAX_EVENTS },
  ) {}

  get full(): boolean {
    return this.#full;
  }

  get length(): number {
    return this.#events.length;
  }

  get durationMs(): number {
    return this.#events.at(-1)?.atMs ?? 0;
  }

  append(events: readonly CastEvent[]): void {
    for (const event of events) {
      const size = event.type === "output" ? event.text.length : 0;
      this.#full ||= this.#events.length >= this.limits.events || this.#characters + size > this.limits.characters;
      if (this.#full) return;
      this.#events.push(event);
      this.#characters += size;
    }
  }

  at(index: number): CastEvent | undefined {
    return this.#events[index];
  }

  timeAt(index: number): number | undefined {
    return this.#events[index]?.atMs;
  }

  countUntil(ms: number): number {
    return countUntil(this.#events.length, (index) => this.#events[index]?.atMs, ms);
  }
}

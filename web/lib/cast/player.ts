/** Plays the recording of a shell: what its terminal has to be given to stand where the player stands. Pure. */
import { Playhead } from "@/lib/playback/playhead";
import type { Timeline } from "./timeline";

export type Command =
  /** Begin again with an empty terminal of this size. */
  | { type: "reset"; cols: number; rows: number }
  | { type: "write"; text: string }
  | { type: "resize"; cols: number; rows: number };

/** About as much as a terminal reads within a frame. */
export const BATCH_CHARACTERS = 256 * 1024;

export class Player extends Playhead<Command> {
  #reset = true;

  constructor(private readonly timeline: Timeline) {
    super(timeline);
  }

  override get behind(): boolean {
    return this.#reset || super.behind;
  }

  /** A terminal is fast: time stands still while it is behind. */
  protected get isLate(): boolean {
    return this.behind;
  }

  /** A terminal cannot go back: it begins again and reads everything up to there. */
  protected goTo(count: number): void {
    if (count >= this.given) return;
    this.given = 0;
    this.#reset = true;
  }

  take(): Command[] {
    const commands: Command[] = [];
    if (this.#reset) {
      this.#reset = false;
      commands.push({ type: "reset", cols: this.timeline.cols, rows: this.timeline.rows });
    }
    const until = this.wanted;
    let texts: string[] = [];
    let size = 0;
    const write = () => {
      if (texts.length > 0) commands.push({ type: "write", text: texts.join("") });
      texts = [];
    };
    while (this.given < until && size < BATCH_CHARACTERS) {
      const event = this.timeline.at(this.given);
      this.given += 1;
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

/** Plays the recording of a desktop: what its screen has to be given to stand where the player stands. Pure. */
import { Playhead } from "@/lib/playback/playhead";
import type { Frames } from "./frames";
import { Keyframes } from "./keyframes";

export type Command<State> =
  /** Stand as at that moment; `null`: empty, as at the begin. */
  | { type: "restore"; state: State | null }
  /** Draw these instructions. */
  | { type: "draw"; read: () => Promise<string> }
  /** Say how it stands now. */
  | { type: "keep"; keep: (state: State) => void };

/** About as much as a screen draws within some frames of the browser's. */
export const BATCH_CHARACTERS = 1024 * 1024;
/** A screen draws while time goes on; it may be so late, times the speed. */
export const LATE_MS = 300;

export class DesktopPlayer<State> extends Playhead<Command<State>> {
  readonly #keyframes = new Keyframes<State>();
  /** From where the screen has to begin again, if it has to. */
  #restore: State | null | undefined = null;

  constructor(private readonly frames: Frames) {
    super(frames);
  }

  override get behind(): boolean {
    return this.#restore !== undefined || super.behind;
  }

  protected get isLate(): boolean {
    if (!this.behind) return false;
    const next = this.frames.timeAt(this.given) ?? this.positionMs;
    return this.#restore !== undefined || this.positionMs - next > LATE_MS * this.speed;
  }

  /** A screen cannot go back. It begins again at the keyframe before; also to go ahead, where that is nearer. */
  protected goTo(count: number): void {
    const keyframe = this.#keyframes.before(count);
    if (count >= this.given && (keyframe?.count ?? 0) <= this.given) return;
    this.given = keyframe?.count ?? 0;
    this.#restore = keyframe?.state ?? null;
  }

  take(): Command<State>[] {
    const commands: Command<State>[] = [];
    if (this.#restore !== undefined) commands.push({ type: "restore", state: this.#restore });
    this.#restore = undefined;
    const from = this.given;
    const until = this.#batchEnd();
    if (until === from) return commands;
    this.given = until;
    commands.push({ type: "draw", read: () => this.frames.read(from, until) });
    const end = this.frames.endOf(until);
    if (this.#keyframes.isDue(end)) commands.push({ type: "keep", keep: (state) => this.#keyframes.keep({ count: until, end, state }) });
    return commands;
  }

  /** One frame at least, if one is due. */
  #batchEnd(): number {
    const [wanted, most] = [this.wanted, this.frames.endOf(this.given) + BATCH_CHARACTERS];
    let until = this.given;
    while (until < wanted && (until === this.given || this.frames.endOf(until + 1) <= most)) until += 1;
    return until;
  }
}

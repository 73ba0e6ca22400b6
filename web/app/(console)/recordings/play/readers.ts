/** What makes tracks of the text of recordings, piece by piece. */
import { CastParser } from "@/lib/cast/parse";
import { Timeline } from "@/lib/cast/timeline";
import { Frames } from "@/lib/desktop/playback/frames";
import { FrameParser } from "@/lib/desktop/playback/parse";
import { Unplayable } from "@/lib/playback/unplayable";
import { player } from "@/texts/player";

export interface Reader<Track> {
  /** `null` as long as there is nothing to play. */
  readonly track: Track | null;
  /** Lines that made no sense. */
  readonly bad: number;
  /** Throws `Unplayable`, as `finish` does. */
  push: (text: string) => void;
  finish: () => void;
}

export class ShellReader implements Reader<Timeline> {
  readonly #parser = new CastParser();
  track: Timeline | null = null;

  get bad(): number {
    return this.#parser.bad;
  }

  push(text: string): void {
    const events = this.#parser.push(text);
    this.#begin();
    this.track?.append(events);
  }

  finish(): void {
    const events = this.#parser.finish();
    this.#begin();
    this.track?.append(events);
  }

  #begin(): void {
    const { header } = this.#parser;
    if (header) this.track ??= new Timeline(header.cols, header.rows);
  }
}

export class DesktopReader implements Reader<Frames> {
  readonly #parser = new FrameParser();
  readonly #frames = new Frames();
  readonly bad = 0;

  get track(): Frames | null {
    return this.#frames.length > 0 ? this.#frames : null;
  }

  push(text: string): void {
    this.#frames.append(this.#parser.push(text));
  }

  finish(): void {
    if (this.track === null) throw new Unplayable(player.noPictures);
  }
}

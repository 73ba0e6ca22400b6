/** How a kind of recording is shown: who plays it, and the screen that it is played on. */
import type { Playhead } from "@/lib/playback/playhead";

export interface Screen<Command> {
  /** Gives it commands in order; done when it has drawn them. */
  apply: (commands: Command[]) => Promise<void>;
  dispose: () => void;
}

export interface Show<Track, Command> {
  player: (track: Track) => Playhead<Command>;
  open: (box: HTMLElement) => Promise<Screen<Command>>;
  /** What it is for those who hear the page; `null` where they have its text. */
  picture: string | null;
  /** Said where its screen cannot be had, or fails. */
  broken: string;
}

/** Of the window's height; the controls below want to be in sight too. */
const MOST_HEIGHT = 0.6;

/** How much smaller something of this size has to be to fit into its box, and with its controls into the window; never larger. */
export function scaleFor(box: HTMLElement, width: number, height: number): number {
  if (width === 0 || height === 0) return 1;
  return Math.min(1, box.clientWidth / width, (window.innerHeight * MOST_HEIGHT) / height);
}

/** Calls again whenever the room has changed; answers what ends that. */
export function onRoom(elements: HTMLElement[], fit: () => void): () => void {
  const sizes = new ResizeObserver(fit);
  for (const element of elements) sizes.observe(element);
  window.addEventListener("resize", fit);
  return () => {
    window.removeEventListener("resize", fit);
    sizes.disconnect();
  };
}

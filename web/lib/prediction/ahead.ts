/**
 * Typed text ahead of its echo on one terminal: tells the predictor what happens there, and draws what it says. A key
 * is drawn at once; what its echo replaces goes in the frame in which the terminal draws that.
 */
import type { IDisposable, Terminal } from "@xterm/xterm";
import { PredictionLayer } from "./layer";
import { Predictor } from "./predictor";
import { EmulatorScreen } from "./screen";

export class TypedAhead {
  readonly #predictor = new Predictor();
  readonly #screen: EmulatorScreen;
  readonly #layer: PredictionLayer;
  readonly #listeners: IDisposable[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;

  constructor(terminal: Terminal) {
    this.#screen = new EmulatorScreen(terminal);
    this.#layer = new PredictionLayer(terminal);
    const later = () => this.#inNextFrame();
    this.#listeners = [terminal.onWriteParsed(later), terminal.onResize(later), terminal.onScroll(later)];
  }

  prefer(on: boolean): void {
    this.#predictor.prefer(on);
    this.#draw();
  }

  /** The connection took this text. */
  typed(text: string): void {
    this.#predictor.typed(text, this.#screen, performance.now());
    this.#draw();
  }

  /** And these bytes, which no key makes. */
  typedBytes(count: number): void {
    this.#predictor.unknown(count);
    this.#draw();
  }

  /** So many typed bytes have not reached the target yet. */
  waits(bytes: number): void {
    this.#predictor.acknowledged(bytes, this.#screen, performance.now());
    this.#inNextFrame();
  }

  /** What is on the screen is not what was. */
  forget(): void {
    this.#predictor.forget();
    this.#draw();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.#listeners.forEach((listener) => listener.dispose());
    this.#layer.dispose();
  }

  #inNextFrame(): void {
    this.#predictor.seen(this.#screen, performance.now());
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    const now = performance.now();
    this.#layer.draw(this.#predictor.shown(now));
    clearTimeout(this.#timer);
    const wake = this.#predictor.wakeAt(now);
    if (wake !== null) this.#timer = setTimeout(() => this.#inNextFrame(), wake - now);
  }
}

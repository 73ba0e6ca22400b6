/**
 * Drives `machine.ts`: has a line to the hub, gives output to a terminal and its answers back.
 * Decides nothing itself. No DOM, no React.
 */
import { Line } from "@/lib/attachment/line";
import type { SignedIn } from "@/lib/attachment/machine";
import { ShellMachine, type Effect, type ShellEvent, type ShellView, type TimerName } from "./machine";
import type { Place } from "./place";
import { SUBPROTOCOL } from "./wire";

/** Where output goes. `done` once the terminal has read it: that is what gets acknowledged. */
export interface Display {
  write(bytes: Uint8Array, replay: boolean, done: () => void): void;
  screen(cols: number, rows: number, data: string): void;
  /** So many typed bytes have not reached the target yet. */
  waits(bytes: number): void;
  /** The session's size, for who watches: the terminal keeps to it. */
  keepTo(cols: number, rows: number): void;
  /** The old output is complete. */
  replayed(): void;
  /** Behind what was written, the connection was gone for a while. */
  divider(): void;
}

export interface ConnectionOptions {
  /** `ws://host/api/ws/connect/ssh/<target>`, without a query. */
  address: string;
  credential: string | null;
  /** The trace of the first opening. */
  traceparent: string;
  display: Display;
  onView: (view: ShellView) => void;
  checkSignIn: () => Promise<SignedIn>;
  onSignedOut: () => void;
}

export class ShellConnection {
  readonly #machine = new ShellMachine();
  readonly #options: ConnectionOptions;
  readonly #line = new Line<TimerName>();
  readonly #encoder = new TextEncoder();
  #waiting = 0;
  #stopped = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** `before`: where an earlier load of this page was. */
  start(session: string | null, before: Place | null, cols: number, rows: number): void {
    this.#handle({ type: "start", session, before, cols, rows });
  }

  get place(): Place | null {
    return this.#machine.place;
  }

  /** Text as the terminal emits it; whether it was taken. */
  typed(text: string): boolean {
    return this.#type(this.#encoder.encode(text));
  }

  /** Bytes as the terminal emits them: one per character (old mouse reports). */
  typedBinary(text: string): boolean {
    return this.#type(Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff));
  }

  #type(bytes: Uint8Array): boolean {
    this.#handle({ type: "typed", bytes });
    const { phase, mode, inputFull } = this.#machine.view;
    return !this.#stopped && phase !== "over" && mode === "own" && !inputFull;
  }

  resized(cols: number, rows: number): void {
    this.#handle({ type: "resized", cols, rows });
  }

  /** The network is back, or the person does not want to wait. */
  retryNow(): void {
    this.#handle({ type: "retry_now" });
  }

  /** The user agrees to what they were asked. */
  agree(): void {
    this.#handle({ type: "agree" });
  }

  /** Ends the session itself. */
  end(): void {
    this.#handle({ type: "end" });
  }

  /** Leaves; the session goes on without this page. */
  stop(): void {
    this.#stopped = true;
    this.#line.stop();
  }

  #handle(event: ShellEvent): void {
    if (this.#stopped) return;
    const before = this.#machine.view;
    const effects = this.#machine.handle(event, performance.now());
    for (const effect of effects) this.#perform(effect);
    const { waiting } = this.#machine;
    if (waiting !== this.#waiting) this.#options.display.waits(waiting);
    this.#waiting = waiting;
    if (this.#machine.view !== before) this.#options.onView(this.#machine.view);
  }

  #perform(effect: Effect): void {
    const { display } = this.#options;
    switch (effect.type) {
      case "connect":
        return this.#connect(effect);
      case "disconnect":
        return this.#line.drop();
      case "send_text":
        return this.#line.send(JSON.stringify(effect.message));
      case "send_binary":
        return this.#line.send(effect.data);
      case "write": {
        const { end } = effect;
        return display.write(effect.bytes, effect.replay, () => this.#handle({ type: "consumed", offset: end }));
      }
      case "screen":
        return display.screen(effect.cols, effect.rows, effect.data);
      case "size":
        return display.keepTo(effect.cols, effect.rows);
      case "replayed":
        return display.replayed();
      case "divider":
        return display.divider();
      case "timer":
        return this.#line.set(effect.name, effect.ms, () => this.#handle({ type: "timer", name: effect.name }));
      case "cancel":
        return this.#line.cancel(effect.name);
      case "check_sign_in":
        void this.#options.checkSignIn().then((state) => this.#handle({ type: "sign_in", state }));
        return;
      case "sign_in_again":
        return this.#options.onSignedOut();
    }
  }

  #connect({ session, offset, cols, rows }: Extract<Effect, { type: "connect" }>): void {
    const query = new URLSearchParams({ cols: String(cols), rows: String(rows) });
    if (session === null && this.#options.credential !== null) query.set("credential", this.#options.credential);
    if (session !== null) query.set("session", session);
    if (offset !== null) query.set("offset", String(offset));
    if (!this.#machine.view.opened) query.set("traceparent", this.#options.traceparent);
    this.#line.open(`${this.#options.address}?${query}`, SUBPROTOCOL, {
      open: () => this.#handle({ type: "socket_open" }),
      closed: () => this.#handle({ type: "socket_closed" }),
      message: (data) => this.#handle(typeof data === "string" ? { type: "text", data } : { type: "binary", data: new Uint8Array(data) }),
    });
  }
}

/**
 * Drives `machine.ts`: owns the WebSocket and the timers, gives output to a terminal and its answers back.
 * Decides nothing itself. Needs `WebSocket` and timers; no DOM, no React.
 */
import { ShellMachine, type Effect, type ShellEvent, type ShellView, type TimerName } from "./machine";
import type { Place } from "./place";
import { SUBPROTOCOL, type ClientMessage } from "./wire";

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
  checkSignIn: () => Promise<"signed_in" | "signed_out" | "unreachable">;
  onSignedOut: () => void;
}

export class ShellConnection {
  readonly #machine = new ShellMachine();
  readonly #options: ConnectionOptions;
  readonly #timers = new Map<TimerName, ReturnType<typeof setTimeout>>();
  readonly #encoder = new TextEncoder();
  #socket: WebSocket | null = null;
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
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#drop();
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
        return this.#drop();
      case "send_text":
        return this.#send(effect.message);
      case "send_binary":
        if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(effect.data as Uint8Array<ArrayBuffer>);
        return;
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
        this.#cancel(effect.name);
        this.#timers.set(effect.name, setTimeout(() => this.#handle({ type: "timer", name: effect.name }), effect.ms));
        return;
      case "cancel":
        return this.#cancel(effect.name);
      case "check_sign_in":
        void this.#options.checkSignIn().then((state) => this.#handle({ type: "sign_in", state }));
        return;
      case "sign_in_again":
        return this.#options.onSignedOut();
    }
  }

  #send(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #cancel(name: TimerName): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  #connect({ session, offset, cols, rows }: Extract<Effect, { type: "connect" }>): void {
    this.#drop();
    const query = new URLSearchParams({ cols: String(cols), rows: String(rows) });
    if (session === null && this.#options.credential !== null) query.set("credential", this.#options.credential);
    if (session !== null) query.set("session", session);
    if (offset !== null) query.set("offset", String(offset));
    if (!this.#machine.view.opened) query.set("traceparent", this.#options.traceparent);
    const socket = new WebSocket(`${this.#options.address}?${query}`, SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => this.#handle({ type: "socket_open" });
    socket.onclose = () => this.#handle({ type: "socket_closed" });
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
      this.#handle(
        typeof data === "string" ? { type: "text", data } : { type: "binary", data: new Uint8Array(data) },
      );
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onclose = socket.onmessage = null;
    if (socket.readyState <= WebSocket.OPEN) socket.close(1000);
  }
}

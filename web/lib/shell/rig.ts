/** A machine under test with a hub that says what the test wants: events go in as words, effects come out by kind. */
import { ShellMachine, type Effect, type ShellEvent, type ShellView } from "./machine";
import { decodeFrame, encodeFrame, type ClientMessage } from "./wire";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

type Of<T extends Effect["type"]> = Extract<Effect, { type: T }>;

export const OPENED = { type: "opened", session_id: "s1", mode: "own", output_offset: 0, output_end: 0, input_offset: 0, cols: 80, rows: 24 };

export class Rig {
  readonly machine = new ShellMachine(() => 0.5);
  now = 0;
  /** Effects since they were last looked at. */
  effects: Effect[] = [];

  get view(): ShellView {
    return this.machine.view;
  }

  do(event: ShellEvent): this {
    this.effects.push(...this.machine.handle(event, this.now));
    return this;
  }

  start(session: string | null = null): this {
    return this.do({ type: "start", session, cols: 80, rows: 24 });
  }

  open(): this {
    return this.do({ type: "socket_open" });
  }

  say(message: Record<string, unknown>): this {
    return this.do({ type: "text", data: JSON.stringify(message) });
  }

  closed(code: string, ended: boolean, more: Record<string, unknown> = {}): this {
    return this.say({ type: "closed", code, message: "", hop: "site", ended, exit_status: null, exit_signal: null, ...more });
  }

  /** A session that stands. */
  attached(opened: Partial<Record<keyof typeof OPENED, unknown>> = {}, session: string | null = null): this {
    this.start(session).open().say({ ...OPENED, ...opened });
    this.effects = [];
    return this;
  }

  output(offset: number, text: string): this {
    return this.do({ type: "binary", data: encodeFrame(offset, encoder.encode(text)) });
  }

  type(text: string): this {
    return this.do({ type: "typed", bytes: encoder.encode(text) });
  }

  timer(name: "ack" | "ping" | "retry"): this {
    return this.do({ type: "timer", name });
  }

  drop(): this {
    return this.do({ type: "socket_closed" });
  }

  /** Takes the effects of one kind and forgets all. */
  take<T extends Effect["type"]>(type: T): Of<T>[] {
    const found = this.effects.filter((effect): effect is Of<T> => effect.type === type);
    this.effects = [];
    return found;
  }

  has(type: Effect["type"]): boolean {
    return this.effects.some((effect) => effect.type === type);
  }

  timerSet(name: "ack" | "ping" | "retry"): number | undefined {
    return this.effects.findLast((effect): effect is Of<"timer"> => effect.type === "timer" && effect.name === name)?.ms;
  }

  sent(): ClientMessage[] {
    return this.take("send_text").map(({ message }) => message);
  }

  /** Input frames: offset and text. */
  typed(): [number, string][] {
    return this.take("send_binary").map(({ data }) => {
      const { offset, bytes } = decodeFrame(data);
      return [offset, decoder.decode(bytes)];
    });
  }

  /** What went to the terminal: text, and whether it is old. */
  written(): [string, boolean][] {
    return this.take("write").map(({ bytes, replay }) => [decoder.decode(bytes), replay]);
  }
}

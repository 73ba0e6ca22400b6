/**
 * The shell's client as a pure state machine: events in, effects out. Beside what every attachment does it knows offsets
 * and acknowledgements; it has no socket, no clock and no terminal. `connection.ts` drives it.
 */
import { AttachMachine, FIRST_VIEW, type AttachEffect, type AttachEvent, type AttachView, type Say } from "@/lib/attachment/machine";
import { WireError, type Notice } from "@/lib/attachment/messages";
import { breaches } from "@/texts/breaches";
import { shell } from "@/texts/shell";
import { InputQueue } from "./input-queue";
import type { Place } from "./place";
import { decodeFrame, encodeFrame, parseMessage, type ClientMessage, type Opened, type ServerMessage } from "./wire";

/** Consumed output is acknowledged at once past this, else after `ACK_DELAY_MS`. The contract allows 64 KiB and 50 ms. */
export const ACK_BYTES = 32 * 1024;
export const ACK_DELAY_MS = 30;
/** Typed and not taken by the target for this long: the page says that it waits. Seen at the next ping at the latest. */
export const STALL_MS = 2000;

export interface ShellView extends AttachView {
  /** Bytes typed that the target has not got yet, while the way to it is broken or silent for `STALL_MS`; else 0. */
  unconfirmed: number;
  inputFull: boolean;
}

export type ShellEvent =
  | AttachEvent
  /** `before`: where an earlier load of this page was in the session. */
  | { type: "start"; session: string | null; before?: Place | null; cols: number; rows: number }
  | { type: "binary"; data: Uint8Array }
  | { type: "text"; data: string }
  | { type: "typed"; bytes: Uint8Array }
  | { type: "consumed"; offset: number }
  | { type: "resized"; cols: number; rows: number }
  | { type: "timer"; name: "ack" };

type ShellEffect =
  | { type: "connect"; session: string | null; offset: number | null; cols: number; rows: number }
  | { type: "send_text"; message: ClientMessage }
  | { type: "send_binary"; data: Uint8Array }
  /** `replay`: old bytes, whose answers by the terminal must not be sent. `end` comes back in `consumed`. */
  | { type: "write"; bytes: Uint8Array; end: number; replay: boolean }
  | { type: "screen"; cols: number; rows: number; data: string }
  /** Who watches sees the size that the session has. */
  | { type: "size"; cols: number; rows: number }
  /** The old bytes are all written; the terminal may take its own size again. */
  | { type: "replayed" }
  /** Behind what is written, the connection was gone for a while. */
  | { type: "divider" }
  | { type: "timer"; name: "ack"; ms: number }
  | { type: "cancel"; name: "ack" };

export type Effect = AttachEffect | ShellEffect;
export type TimerName = Extract<Effect, { type: "timer" }>["name"];

export class ShellMachine extends AttachMachine<ShellView, ShellEffect> {
  #input = new InputQueue();
  #size = { cols: 80, rows: 24 };
  /** The next output byte that is wanted; `null` while this page has nothing on its screen. */
  #wanted: number | null = null;
  #consumed = 0;
  #acked = 0;
  #ackTimer = false;
  /** Output before this is old: shown, but not answered. */
  #replayEnd = 0;
  /** Where an earlier load of this page was, until an attachment stands. */
  #before: Place | null = null;
  /** Output before this was seen by an earlier load of this page. */
  #seenBefore: number | null = null;
  /** Since when typed bytes wait without any of them being taken. */
  #waitsSince: number | null = null;

  constructor(random: () => number = Math.random) {
    super({ ...FIRST_VIEW, unconfirmed: 0, inputFull: false }, random);
  }

  /** Bytes typed that the target has not got. */
  get waiting(): number {
    return this.#input.length;
  }

  /** Where this page is in its own session. */
  get place(): Place | null {
    const { sessionId: session, mode } = this.view;
    const input = this.#input.end;
    return session === null || input === null || mode !== "own" ? null : { session, output: this.#consumed, input };
  }

  /** `now` in milliseconds of any steady clock. */
  handle(event: ShellEvent, now: number): Effect[] {
    this.run(() => this.#on(event, now));
    this.set({ unconfirmed: this.#unconfirmed(now) });
    return this.out;
  }

  #unconfirmed(now: number): number {
    const { phase, linkLost } = this.view;
    if (this.#input.length === 0 || phase === "over") {
      this.#waitsSince = null;
      return 0;
    }
    this.#waitsSince ??= now;
    const broken = phase === "reconnecting" || linkLost !== null || (phase === "open" && now - this.#waitsSince >= STALL_MS);
    return broken ? this.#input.length : 0;
  }

  #on(event: ShellEvent, now: number): void {
    if (this.view.phase === "over" && event.type !== "start" && event.type !== "consumed") return;
    switch (event.type) {
      case "start":
        this.#size = { cols: event.cols, rows: event.rows };
        this.#before = event.before ?? null;
        return this.start(event.session);
      case "binary":
        return this.#output(event.data);
      case "text":
        return this.#message(parseMessage(event.data), now);
      case "typed":
        if (this.view.mode === "watch") return;
        this.set({ inputFull: !this.#input.push(event.bytes) });
        this.used();
        return this.#sendInput();
      case "consumed":
        return this.#acknowledge(event.offset);
      case "resized":
        return this.#resize(event.cols, event.rows);
      case "timer":
        if (event.name !== "ack") return this.onCommon({ type: "timer", name: event.name }, now);
        this.#ackTimer = false;
        return this.#sendAck();
      default:
        return this.onCommon(event, now);
    }
  }

  protected override send(message: ClientMessage | Say): void {
    this.out.push({ type: "send_text", message });
  }

  // --- attaching

  protected override connect(session: string | null): void {
    this.out.push({ type: "connect", session, offset: session === null ? null : this.#wanted, ...this.#size });
  }

  #opened(message: Opened): void {
    const fresh = this.#wanted === null;
    const gap = !fresh && message.outputOffset !== this.#wanted;
    // Without an offset everything up to `output_end` is old. A new session has nothing old: both are equal.
    this.#replayEnd = fresh ? message.outputEnd : 0;
    if (fresh || gap) {
      this.#wanted = message.outputOffset;
      this.#consumed = message.outputOffset;
      this.#acked = message.outputOffset;
    }
    if (fresh && this.#before !== null) this.#comeBack(this.#before, message);
    this.#input.attach(message.inputOffset);
    if (!fresh && (this.view.phase === "reconnecting" || this.view.linkLost !== null)) this.out.push({ type: "divider" });
    const { sessionId, mode } = message;
    this.stands(sessionId, mode);
    if (mode === "watch") {
      // What was typed before the hub said so is nobody's.
      this.#input.clear();
      this.out.push({ type: "size", cols: message.cols, rows: message.rows });
    }
    if (fresh && this.#replayEnd <= message.outputOffset) this.out.push({ type: "replayed" });
    const sized = message.cols === this.#size.cols && message.rows === this.#size.rows;
    if (!sized && mode === "own") this.send({ type: "resize", ...this.#size });
    this.#sendInput();
    this.goesOn();
  }

  /** An earlier load of this page was here. */
  #comeBack({ output, input }: Place, message: Opened): void {
    this.#before = null;
    if (output > message.outputOffset && output < message.outputEnd) this.#seenBefore = output;
    // More than was typed here: somebody else typed since, and nobody knows what arrived.
    const lost = input - message.inputOffset;
    if (lost > 0) this.set({ notice: { code: "input_lost", message: shell.inputLost(lost) } });
  }

  // --- output

  #output(data: Uint8Array): void {
    if (!this.attached || this.#wanted === null) throw new WireError(breaches.early);
    const { offset, bytes } = decodeFrame(data);
    const end = offset + bytes.length;
    if (offset > this.#wanted) throw new WireError(breaches.gap(this.#wanted, offset));
    if (end <= this.#wanted) return;
    const start = this.#wanted;
    const rest = bytes.subarray(start - offset);
    this.#wanted = end;
    this.progress();
    const old = Math.max(0, Math.min(this.#replayEnd - start, rest.length));
    if (old > 0) {
      this.#replay(start, rest.subarray(0, old));
      if (start + old === this.#replayEnd) this.out.push({ type: "replayed" });
    }
    if (old < rest.length) this.out.push({ type: "write", bytes: rest.subarray(old), end, replay: false });
  }

  /** Old output, with a mark where an earlier load of this page ended. */
  #replay(start: number, bytes: Uint8Array): void {
    const end = start + bytes.length;
    const mark = this.#seenBefore !== null && this.#seenBefore < end ? Math.max(this.#seenBefore, start) : null;
    if (mark === null) {
      this.out.push({ type: "write", bytes, end, replay: true });
      return;
    }
    if (mark > start) this.out.push({ type: "write", bytes: bytes.subarray(0, mark - start), end: mark, replay: true });
    this.#seenBefore = null;
    this.out.push({ type: "divider" }, { type: "write", bytes: bytes.subarray(mark - start), end, replay: true });
  }

  #acknowledge(offset: number): void {
    this.#consumed = Math.max(this.#consumed, offset);
    if (!this.attached) return;
    const waiting = this.#consumed - this.#acked;
    if (waiting >= ACK_BYTES) return this.#sendAck();
    if (waiting > 0 && !this.#ackTimer) {
      this.#ackTimer = true;
      this.out.push({ type: "timer", name: "ack", ms: ACK_DELAY_MS });
    }
  }

  #sendAck(): void {
    if (this.#ackTimer) this.out.push({ type: "cancel", name: "ack" });
    this.#ackTimer = false;
    if (!this.attached || this.#consumed <= this.#acked) return;
    this.#acked = this.#consumed;
    this.send({ type: "ack", output_offset: this.#acked });
  }

  // --- input and size

  #sendInput(): void {
    if (!this.attached) return;
    for (const frame of this.#input.take()) {
      this.out.push({ type: "send_binary", data: encodeFrame(frame.offset, frame.bytes) });
    }
  }

  #resize(cols: number, rows: number): void {
    if (cols === this.#size.cols && rows === this.#size.rows) return;
    this.#size = { cols, rows };
    if (this.attached && this.view.mode === "own") this.send({ type: "resize", cols, rows });
  }

  // --- messages

  #message(message: ServerMessage, now: number): void {
    switch (message.type) {
      case "opened":
        return this.#opened(message);
      case "screen":
        this.out.push({ type: "screen", cols: message.cols, rows: message.rows, data: message.data });
        if ((this.#wanted ?? 0) >= this.#replayEnd) this.out.push({ type: "replayed" });
        return;
      case "ack":
        if (!this.#input.acknowledge(message.inputOffset)) throw new WireError(breaches.unsent);
        this.#waitsSince = null;
        this.set({ inputFull: false });
        return this.#sendInput();
      case "resized":
        if (this.view.mode === "watch") this.out.push({ type: "size", cols: message.cols, rows: message.rows });
        return;
      default:
        return this.onMessage(message, now);
    }
  }

  protected override onNotice(notice: Notice, now: number): void {
    if (notice.code === "link_restored" && this.view.linkLost !== null) this.out.push({ type: "divider" });
    if (notice.to !== null && this.#wanted !== null && notice.to > this.#wanted) {
      // Who watches and fell behind: a new screen follows, then output from there on.
      this.#wanted = this.#consumed = this.#acked = notice.to;
      if (this.view.mode === "watch") return;
    }
    super.onNotice(notice, now);
  }

  // --- leaving

  protected override left(): void {
    this.#ackTimer = false;
    this.out.push({ type: "cancel", name: "ack" });
  }

  /** What the terminal still has to read is acknowledged as far as it is read; the hub waits a little for that. */
  protected override lastWords(): void {
    this.#sendAck();
  }

  /** Whoever took over types now; what was typed here and not taken has no place any more. */
  protected override takenOver(): void {
    this.#input.clear();
  }

  protected override forget(): void {
    this.#wanted = null;
  }
}

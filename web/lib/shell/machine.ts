/**
 * The shell's client as a pure state machine: events in, effects out. It knows offsets, acknowledgements, resuming and
 * when to give up; it has no socket, no clock and no terminal. `connection.ts` drives it.
 */
import { breaches } from "@/texts/breaches";
import { shell } from "@/texts/shell";
import { InputQueue } from "./input-queue";
import type { Place } from "./place";
import { decodeFrame, encodeFrame, parseMessage, WireError } from "./wire";
import type { ClientMessage, Closed, Opened, ServerMessage, StepName } from "./wire";

/** Consumed output is acknowledged at once past this, else after `ACK_DELAY_MS`. The contract allows 64 KiB and 50 ms. */
export const ACK_BYTES = 32 * 1024;
export const ACK_DELAY_MS = 30;
/** Right after attaching a page is busy drawing, and would measure itself. */
export const FIRST_PING_MS = 400;
export const PING_EVERY_MS = 3000;
/** A ping without an answer for this long: the connection is dead, whatever the browser says. */
export const SILENCE_MS = 15_000;
/** An attachment that takes longer than this is tried anew. */
export const ATTACH_TIMEOUT_MS = 20_000;
/** Typed and not taken by the target for this long: the page says that it waits. Seen at the next ping at the latest. */
export const STALL_MS = 2000;
export const FIRST_BACKOFF_MS = 250;
export const MAX_BACKOFF_MS = 5000;
/** Attachments in a row that broke the contract without a byte of progress. */
export const MAX_BROKEN = 3;

export type TimerName = "ack" | "ping" | "retry";

export interface Step {
  name: StepName;
  elapsedMs: number;
}

export interface Latency {
  hubMs: number;
  siteMs: number | null;
}

export interface ShellView {
  phase: "connecting" | "open" | "reconnecting" | "over";
  sessionId: string | null;
  /** Whether this page has ever been attached. */
  opened: boolean;
  mode: "own" | "watch";
  steps: Step[];
  latency: Latency | null;
  /** The site's tunnel is lost, the session goes on there: until when it is kept. */
  linkLost: { heldUntil: string | null } | null;
  /** Bytes typed that the target has not got yet, while the way to it is broken or silent for `STALL_MS`; else 0. */
  unconfirmed: number;
  /** Who watches this session. */
  watchers: string[];
  /** What the user must agree to before the session opens. */
  consent: string | null;
  /** Which limit ends the session, and when, on the clock that `handle` is given. */
  ends: { code: string; at: number } | null;
  /** A warning that the hub passed on. */
  notice: { code: string; message: string } | null;
  inputFull: boolean;
  /** Why the last attachment ended, while reconnecting; `null` where the connection just dropped. */
  waitingFor: Closed | null;
  /** Set with `over`. */
  closed: Closed | null;
}

export type ShellEvent =
  /** `before`: where an earlier load of this page was in the session. */
  | { type: "start"; session: string | null; before?: Place | null; cols: number; rows: number }
  | { type: "socket_open" }
  | { type: "binary"; data: Uint8Array }
  | { type: "text"; data: string }
  | { type: "socket_closed" }
  /** After a WebSocket that never opened: what the REST API says. */
  | { type: "sign_in"; state: "signed_in" | "signed_out" | "unreachable" }
  | { type: "typed"; bytes: Uint8Array }
  | { type: "consumed"; offset: number }
  | { type: "resized"; cols: number; rows: number }
  | { type: "timer"; name: TimerName }
  | { type: "retry_now" }
  | { type: "agree" }
  | { type: "end" };

export type Effect =
  | { type: "connect"; session: string | null; offset: number | null; cols: number; rows: number }
  | { type: "disconnect" }
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
  | { type: "timer"; name: TimerName; ms: number }
  | { type: "cancel"; name: TimerName }
  | { type: "check_sign_in" }
  | { type: "sign_in_again" };

const LOST: Closed = {
  type: "closed",
  code: "connection_lost",
  message: "",
  hop: "hub",
  ended: true,
  exitStatus: null,
  exitSignal: null,
};

export class ShellMachine {
  view: ShellView = {
    phase: "connecting",
    sessionId: null,
    opened: false,
    mode: "own",
    steps: [],
    latency: null,
    linkLost: null,
    unconfirmed: 0,
    watchers: [],
    consent: null,
    ends: null,
    notice: null,
    inputFull: false,
    waitingFor: null,
    closed: null,
  };

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
  #socketOpened = false;
  #attached = false;
  #ending = false;
  #checking = false;
  #tries = 0;
  #broken = 0;
  #pingSince: number | null = null;
  /** Since when typed bytes wait without any of them being taken. */
  #waitsSince: number | null = null;
  #out: Effect[] = [];

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

  /** `now` in milliseconds of any steady clock; `random` in [0, 1) spreads the retries. */
  constructor(private readonly random: () => number = Math.random) {}

  handle(event: ShellEvent, now: number): Effect[] {
    this.#out = [];
    try {
      this.#on(event, now);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#breach(error.message);
    }
    this.#set({ unconfirmed: this.#unconfirmed(now) });
    return this.#out;
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
        this.#set({ phase: "connecting", sessionId: event.session, steps: [], closed: null });
        this.#ending = false;
        return this.#connect();
      case "socket_open":
        this.#socketOpened = true;
        return;
      case "binary":
        return this.#output(event.data);
      case "text":
        return this.#message(parseMessage(event.data), now);
      case "socket_closed":
        return this.#dropped();
      case "sign_in":
        return this.#checked(event.state);
      case "typed":
        if (this.view.mode === "watch") return;
        this.#set({ inputFull: !this.#input.push(event.bytes) });
        // The site warns again if that is not enough.
        if (this.view.ends?.code === "idle_limit") this.#set({ ends: null });
        return this.#sendInput();
      case "consumed":
        return this.#acknowledge(event.offset);
      case "resized":
        return this.#resize(event.cols, event.rows);
      case "timer":
        return this.#timer(event.name, now);
      case "retry_now":
        return this.view.phase === "reconnecting" && !this.#attached ? this.#timer("retry", now) : undefined;
      case "agree":
        if (this.view.consent === null) return;
        this.#set({ consent: null });
        return this.#send({ type: "agree" });
      case "end":
        this.#ending = true;
        if (this.view.mode === "watch") return;
        if (this.#attached) return this.#send({ type: "close" });
        if (this.view.sessionId === null) return this.#over({ ...LOST, code: "closed_by_user" });
        return;
    }
  }

  /** The same view stays where nothing in it changes: a page draws anew for another one only, not for each key. */
  #set(change: Partial<ShellView>): void {
    const next = { ...this.view, ...change };
    const names = Object.keys(change) as (keyof ShellView)[];
    if (names.some((name) => next[name] !== this.view[name])) this.view = next;
  }

  #send(message: ClientMessage): void {
    this.#out.push({ type: "send_text", message });
  }

  // --- attaching

  #connect(): void {
    this.#socketOpened = false;
    this.#attached = false;
    this.#checking = false;
    this.#pingSince = null;
    this.#set({ consent: null });
    const session = this.view.sessionId;
    const offset = session === null ? null : this.#wanted;
    this.#out.push({ type: "connect", session, offset, ...this.#size });
    if (session !== null) this.#out.push({ type: "timer", name: "retry", ms: ATTACH_TIMEOUT_MS });
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
    this.#attached = true;
    this.#tries = 0;
    this.#out.push({ type: "cancel", name: "retry" });
    this.#input.attach(message.inputOffset);
    if (!fresh && (this.view.phase === "reconnecting" || this.view.linkLost !== null)) this.#out.push({ type: "divider" });
    const { sessionId, mode } = message;
    this.#set({ phase: "open", opened: true, sessionId, mode, watchers: [], ends: null, linkLost: null, waitingFor: null });
    if (mode === "watch") {
      // What was typed before the hub said so is nobody's.
      this.#input.clear();
      this.#out.push({ type: "size", cols: message.cols, rows: message.rows });
    }
    if (fresh && this.#replayEnd <= message.outputOffset) this.#out.push({ type: "replayed" });
    const sized = message.cols === this.#size.cols && message.rows === this.#size.rows;
    if (!sized && mode === "own") this.#send({ type: "resize", ...this.#size });
    if (this.#ending && mode === "own") this.#send({ type: "close" });
    this.#sendInput();
    this.#out.push({ type: "timer", name: "ping", ms: FIRST_PING_MS });
  }

  /** An earlier load of this page was here. */
  #comeBack({ output, input }: Place, message: Opened): void {
    this.#before = null;
    if (output > message.outputOffset && output < message.outputEnd) this.#seenBefore = output;
    // More than was typed here: somebody else typed since, and nobody knows what arrived.
    const lost = input - message.inputOffset;
    if (lost > 0) this.#set({ notice: { code: "input_lost", message: shell.inputLost(lost) } });
  }

  /** The socket is gone without a word. */
  #dropped(): void {
    const reached = this.#socketOpened;
    this.#attached = false;
    this.#stopTimers();
    if (!reached) {
      this.#checking = true;
      this.#out.push({ type: "check_sign_in" });
      return;
    }
    if (this.view.sessionId === null) this.#over(LOST);
    else this.#retry();
  }

  #checked(state: "signed_in" | "signed_out" | "unreachable"): void {
    if (!this.#checking) return;
    this.#checking = false;
    if (state === "signed_out") return this.#signIn();
    if (this.view.sessionId !== null) return this.#retry();
    const code = state === "unreachable" ? "hub_unreachable" : "connection_refused";
    this.#over({ ...LOST, code });
  }

  #retry(waitingFor: Closed | null = null): void {
    const ms = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.#tries, 10));
    this.#tries += 1;
    this.#set({ phase: "reconnecting", latency: null, waitingFor });
    this.#out.push({ type: "timer", name: "retry", ms: Math.round(ms * (0.75 + this.random() / 2)) });
  }

  // --- output

  #output(data: Uint8Array): void {
    if (!this.#attached || this.#wanted === null) throw new WireError(breaches.early);
    const { offset, bytes } = decodeFrame(data);
    const end = offset + bytes.length;
    if (offset > this.#wanted) throw new WireError(breaches.gap(this.#wanted, offset));
    if (end <= this.#wanted) return;
    const start = this.#wanted;
    const rest = bytes.subarray(start - offset);
    this.#wanted = end;
    this.#broken = 0;
    const old = Math.max(0, Math.min(this.#replayEnd - start, rest.length));
    if (old > 0) {
      this.#replay(start, rest.subarray(0, old));
      if (start + old === this.#replayEnd) this.#out.push({ type: "replayed" });
    }
    if (old < rest.length) this.#out.push({ type: "write", bytes: rest.subarray(old), end, replay: false });
  }

  /** Old output, with a mark where an earlier load of this page ended. */
  #replay(start: number, bytes: Uint8Array): void {
    const end = start + bytes.length;
    const mark = this.#seenBefore !== null && this.#seenBefore < end ? Math.max(this.#seenBefore, start) : null;
    if (mark === null) {
      this.#out.push({ type: "write", bytes, end, replay: true });
      return;
    }
    if (mark > start) this.#out.push({ type: "write", bytes: bytes.subarray(0, mark - start), end: mark, replay: true });
    this.#seenBefore = null;
    this.#out.push({ type: "divider" }, { type: "write", bytes: bytes.subarray(mark - start), end, replay: true });
  }

  #acknowledge(offset: number): void {
    this.#consumed = Math.max(this.#consumed, offset);
    if (!this.#attached) return;
    const waiting = this.#consumed - this.#acked;
    if (waiting >= ACK_BYTES) return this.#sendAck();
    if (waiting > 0 && !this.#ackTimer) {
      this.#ackTimer = true;
      this.#out.push({ type: "timer", name: "ack", ms: ACK_DELAY_MS });
    }
  }

  #sendAck(): void {
    if (this.#ackTimer) this.#out.push({ type: "cancel", name: "ack" });
    this.#ackTimer = false;
    if (!this.#attached || this.#consumed <= this.#acked) return;
    this.#acked = this.#consumed;
    this.#send({ type: "ack", output_offset: this.#acked });
  }

  // --- input and size

  #sendInput(): void {
    if (!this.#attached) return;
    for (const frame of this.#input.take()) {
      this.#out.push({ type: "send_binary", data: encodeFrame(frame.offset, frame.bytes) });
    }
  }

  #resize(cols: number, rows: number): void {
    if (cols === this.#size.cols && rows === this.#size.rows) return;
    this.#size = { cols, rows };
    if (this.#attached && this.view.mode === "own") this.#send({ type: "resize", cols, rows });
  }

  // --- messages

  #message(message: ServerMessage, now: number): void {
    switch (message.type) {
      case "step":
        return this.#set({ steps: [...this.view.steps, { name: message.name, elapsedMs: message.elapsedMs }] });
      case "opened":
        return this.#opened(message);
      case "screen":
        this.#out.push({ type: "screen", cols: message.cols, rows: message.rows, data: message.data });
        if ((this.#wanted ?? 0) >= this.#replayEnd) this.#out.push({ type: "replayed" });
        return;
      case "ack":
        if (!this.#input.acknowledge(message.inputOffset)) throw new WireError(breaches.unsent);
        this.#waitsSince = null;
        this.#set({ inputFull: false });
        return this.#sendInput();
      case "notice":
        return this.#notice(message, now);
      case "resized":
        if (this.view.mode === "watch") this.#out.push({ type: "size", cols: message.cols, rows: message.rows });
        return;
      case "pong":
        this.#pingSince = null;
        return this.#set({
          latency: { hubMs: Math.max(0, now - message.t - message.hubMs), siteMs: message.siteMs },
        });
      case "closed":
        return this.#closed(message);
      case "unknown":
        return;
    }
  }

  #notice({ code, message, heldUntil, watchers, to, ending }: Extract<ServerMessage, { type: "notice" }>, now: number): void {
    if (code === "consent") return this.#set({ consent: message });
    if (ending !== null) return this.#set({ ends: { code: ending.code, at: now + ending.leftMs } });
    if (code === "watched" || code === "unwatched") return this.#set({ watchers });
    if (code === "link_lost") return this.#set({ linkLost: { heldUntil } });
    if (code === "link_restored") {
      if (this.view.linkLost !== null) this.#out.push({ type: "divider" });
      return this.#set({ linkLost: null, watchers: [] });
    }
    if (to !== null && this.#wanted !== null && to > this.#wanted) {
      // Who watches and fell behind: a new screen follows, then output from there on.
      this.#wanted = this.#consumed = this.#acked = to;
      if (this.view.mode === "watch") return;
    }
    this.#set({ notice: { code, message } });
  }

  #closed(message: Closed): void {
    const known = this.view.sessionId !== null;
    if (message.ended || !known) return this.#over(message);
    switch (message.code) {
      case "taken_over":
        // Whoever took over types now; what was typed here and not taken has no place any more.
        this.#input.clear();
        return this.#over(message);
      case "not_granted":
        return this.#over(message);
      case "signed_out":
        return this.#signIn();
      case "bad_offset":
        return this.#breach(message.message);
      default:
        // `zone_offline`, and whatever else may pass.
        this.#leave();
        return this.#retry(message);
    }
  }

  /** The contract is broken: attach anew, at last without anything assumed, but not for ever. */
  #breach(what: string): void {
    this.#broken += 1;
    this.#leave();
    if (this.#broken > MAX_BROKEN || this.view.sessionId === null) {
      return this.#over({ ...LOST, code: "protocol_error", message: what, ended: false });
    }
    if (this.#broken > 1) this.#wanted = null;
    this.#retry();
  }

  // --- time

  #timer(name: TimerName, now: number): void {
    switch (name) {
      case "ack":
        this.#ackTimer = false;
        return this.#sendAck();
      case "ping":
        if (this.#pingSince !== null && now - this.#pingSince > SILENCE_MS) {
          this.#leave();
          return this.#retry();
        }
        return this.#ping(now);
      case "retry":
        this.#out.push({ type: "cancel", name: "retry" });
        return this.#connect();
    }
  }

  #ping(now: number): void {
    if (!this.#attached) return;
    this.#pingSince ??= now;
    this.#send({ type: "ping", t: now });
    this.#out.push({ type: "timer", name: "ping", ms: PING_EVERY_MS });
  }

  // --- leaving

  #stopTimers(): void {
    this.#ackTimer = false;
    for (const name of ["ack", "ping", "retry"] as const) this.#out.push({ type: "cancel", name });
  }

  #leave(): void {
    this.#attached = false;
    this.#stopTimers();
    this.#out.push({ type: "disconnect" });
  }

  #over(closed: Closed): void {
    // What the terminal still has to read is acknowledged as far as it is read; the hub waits a little for that.
    this.#sendAck();
    this.#leave();
    this.#set({ phase: "over", closed, latency: null, linkLost: null });
  }

  #signIn(): void {
    this.#leave();
    this.#set({ phase: "over", closed: { ...LOST, code: "signed_out", ended: false } });
    this.#out.push({ type: "sign_in_again" });
  }
}

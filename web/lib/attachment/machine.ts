/**
 * What every attachment of a page to a session does, whatever it shows, as a pure state machine: connecting and its steps,
 * consent, coming back after a drop, when to give up, what is to be known meanwhile. It has no socket and no clock; the
 * machines of shells and desktops add what they carry.
 */
import { WireError, type Closed, type Message, type Mode, type Notice, type StepName } from "./messages";

/** Right after attaching a page is busy drawing, and would measure itself. */
export const FIRST_PING_MS = 400;
export const PING_EVERY_MS = 3000;
/** A ping without an answer for this long: the connection is dead, whatever the browser says. */
export const SILENCE_MS = 15_000;
/** An attachment that takes longer than this is tried anew. */
export const ATTACH_TIMEOUT_MS = 20_000;
export const FIRST_BACKOFF_MS = 250;
export const MAX_BACKOFF_MS = 5000;
/** Attachments in a row that broke the contract without any progress. */
export const MAX_BROKEN = 3;

export interface Step {
  name: StepName;
  elapsedMs: number;
}

export interface Latency {
  hubMs: number;
  siteMs: number | null;
}

export interface AttachView {
  phase: "connecting" | "open" | "reconnecting" | "over";
  sessionId: string | null;
  /** Whether this page has ever been attached. */
  opened: boolean;
  mode: Mode;
  steps: Step[];
  latency: Latency | null;
  /** The site's tunnel is lost, the session goes on there: until when it is kept. */
  linkLost: { heldUntil: string | null } | null;
  /** Who watches this session. */
  watchers: string[];
  /** What the user must agree to before the session opens. */
  consent: string | null;
  /** Which limit ends the session, and when, on the clock that `handle` is given. */
  ends: { code: string; at: number } | null;
  /** A warning that the hub passed on. */
  notice: { code: string; message: string } | null;
  /** Why the last attachment ended, while reconnecting; `null` where the connection just dropped. */
  waitingFor: Closed | null;
  /** Set with `over`. */
  closed: Closed | null;
}

export const FIRST_VIEW: AttachView = {
  phase: "connecting",
  sessionId: null,
  opened: false,
  mode: "own",
  steps: [],
  latency: null,
  linkLost: null,
  watchers: [],
  consent: null,
  ends: null,
  notice: null,
  waitingFor: null,
  closed: null,
};

export type SignedIn = "signed_in" | "signed_out" | "unreachable";
export type AttachTimer = "ping" | "retry";

export type AttachEvent =
  | { type: "socket_open" }
  | { type: "socket_closed" }
  /** After a WebSocket that never opened: what the REST API says. */
  | { type: "sign_in"; state: SignedIn }
  | { type: "timer"; name: AttachTimer }
  | { type: "retry_now" }
  | { type: "agree" }
  | { type: "end" };

export type AttachEffect =
  | { type: "disconnect" }
  | { type: "timer"; name: AttachTimer; ms: number }
  | { type: "cancel"; name: AttachTimer }
  | { type: "check_sign_in" }
  | { type: "sign_in_again" };

/** What a page says on every attachment. */
export type Say = { type: "agree" } | { type: "close" } | { type: "ping"; t: number };

const LOST: Closed = { type: "closed", code: "connection_lost", message: "", hop: "hub", ended: true, exitStatus: null, exitSignal: null };

export abstract class AttachMachine<View extends AttachView, Effect> {
  view: View;

  protected out: (AttachEffect | Effect)[] = [];
  protected attached = false;
  readonly #random: () => number;
  #socketOpened = false;
  #ending = false;
  #checking = false;
  #tries = 0;
  #broken = 0;
  #pingSince: number | null = null;

  /** `random` in [0, 1) spreads the retries. */
  constructor(view: View, random: () => number) {
    this.view = view;
    this.#random = random;
  }

  // --- what each kind of attachment adds

  /** A new WebSocket for this session, or for a new one. */
  protected abstract connect(session: string | null): void;
  protected abstract send(message: Say): void;
  /** The attachment is gone or given up. */
  protected left(): void {}
  /** Right before it is over for good. */
  protected lastWords(): void {}
  /** Another attachment owns the session's input now. */
  protected takenOver(): void {}
  /** The contract was broken again: the next attachment assumes nothing. */
  protected forget(): void {}

  // --- for the machine of one kind

  protected run(act: () => void): void {
    this.out = [];
    try {
      act();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#breach(error.message);
    }
  }

  /** The same view stays where nothing in it changes: a page draws anew for another one only, not for each key. */
  protected set(change: Partial<View>): void {
    const next = { ...this.view, ...change };
    const names = Object.keys(change) as (keyof View)[];
    if (names.some((name) => next[name] !== this.view[name])) this.view = next;
  }

  #set(change: Partial<AttachView>): void {
    this.set(change as Partial<View>);
  }

  protected start(session: string | null): void {
    this.#set({ phase: "connecting", sessionId: session, steps: [], closed: null });
    this.#ending = false;
    this.#connect();
  }

  /** It stands. */
  protected stands(sessionId: string, mode: Mode): void {
    this.attached = true;
    this.#tries = 0;
    this.out.push({ type: "cancel", name: "retry" });
    this.#set({ phase: "open", opened: true, sessionId, mode, watchers: [], ends: null, linkLost: null, waitingFor: null });
  }

  /** What stands goes on: after `stands` and what each kind does then. */
  protected goesOn(): void {
    if (this.#ending && this.view.mode === "own") this.send({ type: "close" });
    this.out.push({ type: "timer", name: "ping", ms: FIRST_PING_MS });
  }

  /** Something came that was worth an attachment. */
  protected progress(): void {
    this.#broken = 0;
  }

  /** Something was heard. */
  protected heard(): void {
    this.#pingSince = null;
  }

  /** A person did something: that is all that `idle_limit` wants. */
  protected used(): void {
    // The site warns again if that is not enough.
    if (this.view.ends?.code === "idle_limit") this.#set({ ends: null });
  }

  protected onCommon(event: AttachEvent, now: number): void {
    switch (event.type) {
      case "socket_open":
        this.#socketOpened = true;
        return;
      case "socket_closed":
        return this.#dropped();
      case "sign_in":
        return this.#checked(event.state);
      case "timer":
        return event.name === "ping" ? this.#pingTimer(now) : this.#connectAgain();
      case "retry_now":
        return this.view.phase === "reconnecting" && !this.attached ? this.#connectAgain() : undefined;
      case "agree":
        if (this.view.consent === null) return;
        this.#set({ consent: null });
        return this.send({ type: "agree" });
      case "end":
        this.#ending = true;
        if (this.view.mode === "watch") return;
        if (this.attached) return this.send({ type: "close" });
        if (this.view.sessionId === null) return this.over({ ...LOST, code: "closed_by_user" });
        return;
    }
  }

  protected onMessage(message: Message, now: number): void {
    switch (message.type) {
      case "step":
        return this.#set({ steps: [...this.view.steps, { name: message.name, elapsedMs: message.elapsedMs }] });
      case "notice":
        return this.onNotice(message, now);
      case "pong":
        this.heard();
        return this.#set({ latency: { hubMs: Math.max(0, now - message.t - message.hubMs), siteMs: message.siteMs } });
      case "closed":
        return this.#closed(message);
      case "unknown":
        return;
    }
  }

  protected onNotice({ code, message, heldUntil, watchers, ending }: Notice, now: number): void {
    if (code === "consent") return this.#set({ consent: message });
    if (ending !== null) return this.#set({ ends: { code: ending.code, at: now + ending.leftMs } });
    if (code === "watched" || code === "unwatched") return this.#set({ watchers });
    if (code === "link_lost") return this.#set({ linkLost: { heldUntil } });
    if (code === "link_restored") return this.#set({ linkLost: null, watchers: [] });
    this.#set({ notice: { code, message } });
  }

  // --- attaching

  #connect(): void {
    this.#socketOpened = false;
    this.attached = false;
    this.#checking = false;
    this.#pingSince = null;
    this.#set({ consent: null });
    const session = this.view.sessionId;
    this.connect(session);
    if (session !== null) this.out.push({ type: "timer", name: "retry", ms: ATTACH_TIMEOUT_MS });
  }

  /** Attaches once more, without a word to anybody: what stands goes on in another way. */
  protected anew(): void {
    this.#leave();
    this.#connect();
  }

  #connectAgain(): void {
    this.out.push({ type: "cancel", name: "retry" });
    this.#connect();
  }

  /** The socket is gone without a word. */
  #dropped(): void {
    const reached = this.#socketOpened;
    this.#stop();
    if (!reached) {
      this.#checking = true;
      this.out.push({ type: "check_sign_in" });
      return;
    }
    if (this.view.sessionId === null) this.over(LOST);
    else this.#retry();
  }

  #checked(state: SignedIn): void {
    if (!this.#checking) return;
    this.#checking = false;
    if (state === "signed_out") return this.#signIn();
    if (this.view.sessionId !== null) return this.#retry();
    const code = state === "unreachable" ? "hub_unreachable" : "connection_refused";
    this.over({ ...LOST, code });
  }

  #retry(waitingFor: Closed | null = null): void {
    const ms = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.#tries, 10));
    this.#tries += 1;
    this.#set({ phase: "reconnecting", latency: null, waitingFor });
    this.out.push({ type: "timer", name: "retry", ms: Math.round(ms * (0.75 + this.#random() / 2)) });
  }

  #closed(message: Closed): void {
    const known = this.view.sessionId !== null;
    if (message.ended || !known) return this.over(message);
    switch (message.code) {
      case "taken_over":
        this.takenOver();
        return this.over(message);
      case "not_granted":
        return this.over(message);
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
      return this.over({ ...LOST, code: "protocol_error", message: what, ended: false });
    }
    if (this.#broken > 1) this.forget();
    this.#retry();
  }

  // --- time

  #pingTimer(now: number): void {
    if (this.#pingSince !== null && now - this.#pingSince > SILENCE_MS) {
      this.#leave();
      return this.#retry();
    }
    if (!this.attached) return;
    this.#pingSince ??= now;
    this.send({ type: "ping", t: now });
    this.out.push({ type: "timer", name: "ping", ms: PING_EVERY_MS });
  }

  // --- leaving

  #stop(): void {
    this.attached = false;
    for (const name of ["ping", "retry"] as const) this.out.push({ type: "cancel", name });
    this.left();
  }

  #leave(): void {
    this.#stop();
    this.out.push({ type: "disconnect" });
  }

  protected over(closed: Closed): void {
    this.lastWords();
    this.#leave();
    this.#set({ phase: "over", closed, latency: null, linkLost: null });
  }

  #signIn(): void {
    this.#leave();
    this.#set({ phase: "over", closed: { ...LOST, code: "signed_out", ended: false } });
    this.out.push({ type: "sign_in_again" });
  }
}

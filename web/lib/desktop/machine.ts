/**
 * The desktop's client as a pure state machine: what every attachment does, and when a new picture begins. Whatever
 * Guacamole's client and guacd say to each other passes beside it. `connection.ts` drives it.
 */
import { AttachMachine, FIRST_VIEW, type AttachEffect, type AttachEvent, type AttachView, type Say } from "@/lib/attachment/machine";
import { WireError, type Notice } from "@/lib/attachment/messages";
import { breaches } from "@/texts/breaches";
import { LineJudge, type Quality, type Saving } from "./quality";
import { TRANSFERS, type Opened, type ServerMessage, type Transfer, type TransferKind } from "./wire";

export interface DesktopView extends AttachView {
  transfer: Transfer;
  /** Why few bytes are asked for; `null`: all is. */
  saving: Saving | null;
}

const CHOSEN: Saving = { cause: "chosen" };
export const NOTHING_PASSES: Transfer = { copy: false, paste: false, upload: false, download: false };

export type DesktopEvent =
  | AttachEvent
  | { type: "start"; session: string | null }
  /** What the person wants. */
  | { type: "quality"; quality: Quality }
  /** Files are on their way, or no more. */
  | { type: "moving"; moving: boolean }
  | { type: "message"; message: ServerMessage }
  /** Something that no client of the contract can understand. */
  | { type: "garbled" }
  /** A key, the mouse or a touch. */
  | { type: "used" };

type DesktopEffect =
  | { type: "connect"; session: string | null; quality: Quality }
  | { type: "say"; message: Say }
  /** It stands; the size is the one that the desktop has. */
  | { type: "stands"; width: number; height: number }
  /** Whatever was drawn before is no more; it stays in sight until there is something to see. */
  | { type: "picture" }
  /** Policy stopped something. */
  | { type: "blocked"; what: TransferKind };

export type Effect = AttachEffect | DesktopEffect;

/** Another picture that nobody asked for comes in a pause of this: no key is lost for it. */
export const PAUSE_MS = 1500;

export class DesktopMachine extends AttachMachine<DesktopView, DesktopEffect> {
  #quality: Quality = "auto";
  readonly #judge = new LineJudge();
  #usedAt = -PAUSE_MS;
  /** Files end with the attachment that they are on their way by. */
  #moving = false;
  /** The next picture is begun anew because the site was away, not because of the line to it. */
  #wasAway = false;

  constructor(random: () => number = Math.random) {
    super({ ...FIRST_VIEW, transfer: NOTHING_PASSES, saving: null }, random);
  }

  /** Whether keys, clicks and files may go now. */
  get takesInput(): boolean {
    const { phase, mode, linkLost } = this.view;
    return this.attached && phase === "open" && mode === "own" && linkLost === null;
  }

  /** `now` in milliseconds of any steady clock. */
  handle(event: DesktopEvent, now: number): Effect[] {
    this.run(() => this.#on(event, now));
    return this.out;
  }

  /** An instruction of guacd arrived: whether it is wanted. */
  instruction(): boolean {
    this.heard();
    if (this.attached) this.progress();
    return this.attached;
  }

  #on(event: DesktopEvent, now: number): void {
    if (this.view.phase === "over" && event.type !== "start") return;
    switch (event.type) {
      case "start":
        return this.start(event.session);
      case "message":
        return this.#message(event.message, now);
      case "garbled":
        throw new WireError(breaches.garbled);
      case "used":
        this.#usedAt = now;
        return this.used();
      case "quality":
        this.#quality = event.quality;
        return this.#weigh();
      case "moving":
        this.#moving = event.moving;
        return this.#weigh();
      default:
        return this.onCommon(event, now);
    }
  }

  #message(message: ServerMessage, now: number): void {
    this.heard();
    switch (message.type) {
      case "opened":
        return this.#opened(message);
      case "picture":
        if (!this.#wasAway) this.#judge.fellBehind(now);
        this.#wasAway = false;
        this.out.push({ type: "picture" });
        return;
      default:
        this.onMessage(message, now);
        if (message.type === "pong") this.#measured(now);
    }
  }

  #measured(now: number): void {
    const { latency, linkLost } = this.view;
    // What is known of a way that is lost says nothing of the next one, and with files on it, it is as slow as they make it.
    if (latency === null || linkLost !== null || this.#moving) return this.#judge.begins();
    this.#judge.measured(latency.hubMs + (latency.siteMs ?? 0), now);
    if (now - this.#usedAt >= PAUSE_MS) this.#weigh();
  }

  /** What is asked for from now on, by what the person wants and the line showed. */
  #weigh(): void {
    const saving = this.#quality === "low" ? CHOSEN : this.#quality === "auto" ? this.#judge.slow : null;
    if (this.view.mode === "watch") return;
    const other = (saving === null) !== (this.view.saving === null);
    // While the site is away nothing can be asked of it.
    if (other && (this.view.linkLost !== null || this.#moving)) return;
    this.set({ saving });
    if (!other) return;
    this.#judge.begins();
    if (this.attached) this.anew();
  }

  #opened({ sessionId, mode, width, height, transfer }: Opened): void {
    this.stands(sessionId, mode);
    this.#wasAway = false;
    this.set({ transfer });
    // Each attachment begins with an empty display; a `picture` may still follow.
    this.out.push({ type: "picture" }, { type: "stands", width, height });
    this.goesOn();
  }

  protected override onNotice(notice: Notice, now: number): void {
    const what = TRANSFERS.find((one) => one === notice.what);
    if (notice.code === "blocked" && what) {
      this.out.push({ type: "blocked", what });
      return;
    }
    if (notice.code === "link_lost") this.#wasAway = true;
    super.onNotice(notice, now);
  }

  protected override connect(session: string | null): void {
    const quality = this.view.saving !== null ? "low" : this.#quality === "text" ? "text" : "auto";
    this.out.push({ type: "connect", session, quality });
  }

  protected override send(message: Say): void {
    this.out.push({ type: "say", message });
  }
}

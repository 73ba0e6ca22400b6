/**
 * The desktop's client as a pure state machine: what every attachment does, and when a new picture begins. Whatever
 * Guacamole's client and guacd say to each other passes beside it. `connection.ts` drives it.
 */
import { AttachMachine, FIRST_VIEW, type AttachEffect, type AttachEvent, type AttachView, type Say } from "@/lib/attachment/machine";
import { WireError, type Notice } from "@/lib/attachment/messages";
import { breaches } from "@/texts/breaches";
import { TRANSFERS, type Opened, type ServerMessage, type Transfer, type TransferKind } from "./wire";

export interface DesktopView extends AttachView {
  transfer: Transfer;
}

export const NOTHING_PASSES: Transfer = { copy: false, paste: false, upload: false, download: false };

export type DesktopEvent =
  | AttachEvent
  | { type: "start"; session: string | null }
  | { type: "message"; message: ServerMessage }
  /** Something that no client of the contract can understand. */
  | { type: "garbled" }
  /** A key, the mouse or a touch. */
  | { type: "used" };

type DesktopEffect =
  | { type: "connect"; session: string | null }
  | { type: "say"; message: Say }
  /** It stands; the size is the one that the desktop has. */
  | { type: "stands"; width: number; height: number }
  /** Whatever was drawn before is no more; it stays in sight until there is something to see. */
  | { type: "picture" }
  /** Policy stopped something. */
  | { type: "blocked"; what: TransferKind };

export type Effect = AttachEffect | DesktopEffect;

export class DesktopMachine extends AttachMachine<DesktopView, DesktopEffect> {
  constructor(random: () => number = Math.random) {
    super({ ...FIRST_VIEW, transfer: NOTHING_PASSES }, random);
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
        return this.used();
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
        this.out.push({ type: "picture" });
        return;
      default:
        return this.onMessage(message, now);
    }
  }

  #opened({ sessionId, mode, width, height, transfer }: Opened): void {
    this.stands(sessionId, mode);
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
    super.onNotice(notice, now);
  }

  protected override connect(session: string | null): void {
    this.out.push({ type: "connect", session });
  }

  protected override send(message: Say): void {
    this.out.push({ type: "say", message });
  }
}

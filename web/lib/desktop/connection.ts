/**
 * Drives `machine.ts`: has a line to the hub, gives instructions to Guacamole's client of the current picture and takes its
 * own. Decides nothing itself. No DOM, no React.
 */
import { Line } from "@/lib/attachment/line";
import type { AttachTimer, SignedIn } from "@/lib/attachment/machine";
import { heardOfFiles, saidOfFiles } from "./file-streams";
import { encode, InstructionError, InstructionParser } from "./instructions";
import { DesktopMachine, type DesktopEvent, type DesktopView, type Effect } from "./machine";
import { Pace } from "./pace";
import type { Quality } from "./quality";
import { DesktopTunnel } from "./tunnel";
import { encodeSay, readInternal, SUBPROTOCOL, type TransferKind } from "./wire";

/** In pixels of the screen, not of the page's style. */
export interface Size {
  width: number;
  height: number;
  dpi: number;
}

/** Where the desktop is seen. */
export interface DesktopSide {
  /** The size it would like to have. */
  readonly wanted: Size;
  /** Few pixels are wanted from now on, or all that can be seen. */
  saves(saves: boolean): void;
  /** An empty display, drawn by what comes through this tunnel; the last picture stays until there is something to see. */
  picture(tunnel: DesktopTunnel): void;
  /** What is about files comes through this one from now on: of an earlier attachment nothing goes on. */
  files(tunnel: DesktopTunnel): void;
  /** It stands with this size. */
  stands(width: number, height: number): void;
  /** Keys and clicks go, or do not. */
  takes(input: boolean): void;
  blocked(what: TransferKind): void;
}

export interface ConnectionOptions {
  /** `ws://host/api/ws/connect/rdp/<target>`, without a query. */
  address: string;
  credential: string | null;
  side: DesktopSide;
  onView: (view: DesktopView) => void;
  checkSignIn: () => Promise<SignedIn>;
  onSignedOut: () => void;
}

/** What goes from who only watches: that it is there, and how far it has drawn. */
const PASSIVE = new Set(["sync", "ack", "nop"]);

export class DesktopConnection {
  readonly #machine = new DesktopMachine();
  readonly #options: ConnectionOptions;
  readonly #line = new Line<AttachTimer>();
  #parser = new InstructionParser();
  #tunnel: DesktopTunnel | null = null;
  #files: DesktopTunnel | null = null;
  #pace = new Pace();
  #takes = false;
  #stopped = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  start(session: string | null): void {
    this.#handle({ type: "start", session });
  }

  /** Whether keys, clicks and files may go now. */
  get takesInput(): boolean {
    return !this.#stopped && this.#machine.takesInput;
  }

  /** A person did something on the desktop. */
  used(): void {
    this.#handle({ type: "used" });
  }

  /** What the person would rather have. */
  wants(quality: Quality): void {
    this.#handle({ type: "quality", quality });
  }

  /** Files are on their way, or no more. */
  moves(moving: boolean): void {
    this.#handle({ type: "moving", moving });
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
    this.#tunnel?.disconnect();
    this.#files?.disconnect();
    this.#line.stop();
  }

  #handle(event: DesktopEvent): void {
    if (this.#stopped) return;
    const before = this.#machine.view;
    for (const effect of this.#machine.handle(event, performance.now())) this.#perform(effect);
    const takes = this.#machine.takesInput;
    if (takes !== this.#takes) {
      this.#takes = takes;
      this.#options.side.takes(takes);
    }
    if (this.#machine.view !== before) this.#options.onView(this.#machine.view);
  }

  #perform(effect: Effect): void {
    const { side } = this.#options;
    switch (effect.type) {
      case "connect":
        return this.#connect(effect.session, effect.quality);
      case "disconnect":
        return this.#line.drop();
      case "say":
        return this.#line.send(encodeSay(effect.message));
      case "stands":
        this.#takeFiles();
        return side.stands(effect.width, effect.height);
      case "picture":
        return this.#picture();
      case "blocked":
        return side.blocked(effect.what);
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

  #connect(session: string | null, quality: Quality): void {
    const { address, credential, side } = this.#options;
    side.saves(quality === "low");
    const { width, height, dpi } = side.wanted;
    const query = new URLSearchParams({ width: String(width), height: String(height), dpi: String(dpi) });
    if (quality !== "auto") query.set("quality", quality);
    if (session !== null) query.set("session", session);
    else if (credential !== null) query.set("credential", credential);
    this.#parser = new InstructionParser();
    this.#line.open(`${address}?${query}`, SUBPROTOCOL, {
      open: () => this.#handle({ type: "socket_open" }),
      closed: () => this.#handle({ type: "socket_closed" }),
      message: (data) => this.#heard(data),
    });
  }

  #picture(): void {
    this.#tunnel?.disconnect();
    const tunnel = new DesktopTunnel((instruction) => this.#write(tunnel, instruction));
    const { sessionId } = this.#machine.view;
    if (sessionId !== null) tunnel.named(sessionId);
    this.#tunnel = tunnel;
    this.#pace = new Pace();
    this.#options.side.picture(tunnel);
  }

  #takeFiles(): void {
    this.#files?.disconnect();
    const tunnel = new DesktopTunnel((instruction) => this.#writeOfFiles(tunnel, instruction));
    this.#files = tunnel;
    this.#options.side.files(tunnel);
  }

  /** Also while the site's line is away: the hub keeps what is said, and a file that has begun goes on. */
  #writeOfFiles(tunnel: DesktopTunnel, instruction: string[]): void {
    if (tunnel !== this.#files || this.#stopped) return;
    const said = saidOfFiles(instruction);
    const { phase, mode } = this.#machine.view;
    if (said !== null && phase === "open" && mode === "own") this.#line.send(encode(said));
  }

  #write(tunnel: DesktopTunnel, instruction: string[]): void {
    const later = instruction[0] === "sync" ? this.#pace.next(this.#machine.view.saving !== null) : 0;
    if (later === 0) return this.#send(tunnel, instruction);
    setTimeout(() => this.#send(tunnel, instruction), later);
  }

  /** While nobody can answer for what is sent, nothing is: not by an earlier picture either. */
  #send(tunnel: DesktopTunnel, instruction: string[]): void {
    const [opcode = ""] = instruction;
    if (tunnel !== this.#tunnel || this.#stopped) return;
    const { phase, linkLost } = this.#machine.view;
    if (this.#machine.takesInput || (phase === "open" && linkLost === null && PASSIVE.has(opcode))) this.#line.send(encode(instruction));
  }

  #heard(data: string | ArrayBuffer): void {
    if (typeof data !== "string") return this.#handle({ type: "garbled" });
    const parser = this.#parser;
    let instructions: string[][];
    try {
      instructions = parser.feed(data);
    } catch (error) {
      if (!(error instanceof InstructionError)) throw error;
      return this.#handle({ type: "garbled" });
    }
    for (const instruction of instructions) {
      // What came before may have ended this WebSocket.
      if (this.#stopped || parser !== this.#parser) return;
      this.#one(instruction);
    }
  }

  #one(instruction: string[]): void {
    if (instruction[0] !== "") {
      if (!this.#machine.instruction()) return;
      const ofFiles = heardOfFiles(instruction);
      if (ofFiles === null) this.#tunnel?.receive(instruction);
      else this.#files?.receive(ofFiles);
      return;
    }
    const message = readInternal(instruction);
    if (message !== null) this.#handle({ type: "message", message });
  }
}

/**
 * The picture that a desktop's recording is shown on: drawn by Guacamole's client, which is given the instructions and says
 * nothing to anybody. It is made smaller to fit its box. Sound is not played.
 */
import type { Client, ClientState } from "guacamole-common-js";
import { InstructionParser } from "@/lib/desktop/instructions";
import type { Frames } from "@/lib/desktop/playback/frames";
import { DesktopPlayer, type Command } from "@/lib/desktop/playback/player";
import { DesktopTunnel } from "@/lib/desktop/tunnel";
import { player } from "@/texts/player";
import { onRoom, scaleFor, type Screen, type Show } from "./show";

/** An image that takes longer never comes: it is left out. */
const STUCK_MS = 10_000;
/** The pointer is no part of the state that the client gives. */
const POINTER = ["cursor", "mouse"];
const EMPTY: ClientState = { currentState: 0, currentTimestamp: 0, layers: { 0: { width: 0, height: 0 } } };

/** How a picture stands. */
export interface Standing {
  /** The client's state as JSON: images as text take too much memory. */
  client: Blob;
  pointer: Map<string, string[]>;
}

class Picture implements Screen<Command<Standing>> {
  /** The newest instruction of each kind. */
  #pointer = new Map<string, string[]>();
  readonly #endRoom: () => void;

  constructor(
    private readonly client: Client,
    private readonly tunnel: DesktopTunnel,
    private readonly box: HTMLElement,
    private readonly surface: HTMLElement,
  ) {
    tunnel.connect();
    const display = client.getDisplay();
    display.showCursor(false);
    display.onresize = () => this.#fit();
    surface.append(display.getElement());
    this.#endRoom = onRoom([box], () => this.#fit());
  }

  async apply(commands: Command<Standing>[]): Promise<void> {
    for (const command of commands) {
      if (command.type === "restore") await this.#restore(command.state);
      else if (command.type === "draw") await this.#draw(await command.read());
      else command.keep(await this.#stand());
    }
  }

  dispose(): void {
    this.#endRoom();
    const display = this.client.getDisplay();
    display.onresize = null;
    display.cancel();
    this.client.disconnect();
    this.surface.remove();
  }

  async #draw(text: string): Promise<void> {
    for (const instruction of new InstructionParser().feed(text)) this.#receive(instruction);
    await this.#drawn((done) => this.client.getDisplay().flush(done));
  }

  #receive(instruction: string[]): void {
    const [opcode = ""] = instruction;
    if (POINTER.includes(opcode)) this.#pointer.set(opcode, instruction);
    this.tunnel.receive(instruction);
  }

  async #stand(): Promise<Standing> {
    const state = await new Promise<ClientState>((done) => this.client.exportState(done));
    return { client: new Blob([JSON.stringify(state)]), pointer: new Map(this.#pointer) };
  }

  async #restore(standing: Standing | null): Promise<void> {
    const state = standing === null ? EMPTY : (JSON.parse(await standing.client.text()) as ClientState);
    await this.#drawn((done) => this.client.importState(state, done));
    this.client.getDisplay().showCursor(false);
    this.#pointer = new Map(standing?.pointer);
    for (const instruction of this.#pointer.values()) this.tunnel.receive(instruction);
  }

  /** Waits until it is drawn; what cannot be is given up. */
  #drawn(draw: (done: () => void) => void): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(() => {
        this.client.getDisplay().cancel();
        done();
      }, STUCK_MS);
      draw(() => {
        clearTimeout(timer);
        done();
      });
    });
  }

  #fit(): void {
    const display = this.client.getDisplay();
    const [width, height] = [display.getWidth(), display.getHeight()];
    // Empty only on its way: then the room stays as it was.
    if (width === 0 || height === 0) return;
    const scale = scaleFor(this.box, width, height);
    display.scale(scale);
    this.surface.style.width = `${width * scale}px`;
    this.surface.style.height = `${height * scale}px`;
  }
}

async function openPicture(box: HTMLElement): Promise<Screen<Command<Standing>>> {
  const { default: guacamole } = await import("guacamole-common-js");
  const surface = document.createElement("div");
  surface.className = "desktop-surface mx-auto";
  box.append(surface);
  const tunnel = new DesktopTunnel(() => undefined);
  return new Picture(new guacamole.Client(tunnel), tunnel, box, surface);
}

export const DESKTOP: Show<Frames, Command<Standing>> = {
  player: (frames) => new DesktopPlayer<Standing>(frames),
  open: openPicture,
  picture: player.picture,
  broken: player.notDrawn,
};

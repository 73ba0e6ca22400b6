/**
 * The desktop's picture in its box: drawn by Guacamole's client, scaled to fit. A new picture takes the last one's place
 * only once there is something to see of it.
 */
import type { Client, Display, GuacamoleModule } from "guacamole-common-js";
import type { Size } from "@/lib/desktop/connection";
import type { DesktopTunnel } from "@/lib/desktop/tunnel";
import { cursorStyle } from "./cursor";

/** A window that is being drawn larger sends many sizes; the desktop gets the last. */
const SETTLED_MS = 250;
const SMALLEST = 64;
const LARGEST = 8192;
const DPI = 96;

/** Even: RDP has no desktops of an odd width. */
const bounded = (pixels: number): number => Math.min(LARGEST, Math.max(SMALLEST, 2 * Math.floor(pixels / 2)));

export class Screen {
  /** As large as the picture is shown, and what the mouse is on. */
  readonly surface = document.createElement("div");
  #client: Client | null = null;
  #shown: Display | null = null;
  /** Fewer pixels than the screen has. */
  #saves = false;
  #wanted: Size = { width: 1024, height: 768, dpi: DPI };
  /** The size that the desktop was last asked for. */
  #asked = "";
  #cursor: { canvas: HTMLCanvasElement; x: number; y: number } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly guacamole: GuacamoleModule,
    private readonly box: HTMLElement,
    /** What the desktop could have: the box, and the line above it that comes and goes and is to resize nothing. */
    private readonly room: HTMLElement,
    /** Whether a wish for another size reaches the desktop now. */
    private readonly takes: () => boolean,
    private readonly onPictured: () => void,
  ) {
    this.surface.className = "desktop-surface";
    box.append(this.surface);
    this.#measure();
  }

  get client(): Client | null {
    return this.#client;
  }

  get wanted(): Size {
    return this.#wanted;
  }

  saves(saves: boolean): void {
    this.#saves = saves;
    this.#measure();
  }

  picture(tunnel: DesktopTunnel): Client {
    this.#drop();
    const client = new this.guacamole.Client(tunnel);
    const display = client.getDisplay();
    this.#client = client;
    client.onstatechange = (state) => {
      if (state === this.guacamole.Client.State.CONNECTED) display.flush(() => client === this.#client && this.#show(display));
    };
    // Whose pointer moves on it sees that one; a watcher sees its user's.
    display.showCursor(!this.takes());
    display.onresize = () => this.#fit();
    display.oncursor = (canvas, x, y) => {
      this.#cursor = { canvas, x, y };
      this.#point();
    };
    client.connect();
    return client;
  }

  /** The desktop has this size. */
  stands(width: number, height: number): void {
    this.#asked = `${width}x${height}`;
    this.#ask();
  }

  /** Wishes reach the desktop again. */
  settle(): void {
    this.#ask();
  }

  /** The box has another size, or is shown again. */
  resized(): void {
    if (!this.#measure()) return;
    this.#fit();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), SETTLED_MS);
  }

  /** The pointer of who moves it is the browser's own. */
  showCursor(shown: boolean): void {
    this.#client?.getDisplay().showCursor(shown);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#drop();
    this.surface.remove();
  }

  #drop(): void {
    const client = this.#client;
    this.#client = null;
    if (client === null) return;
    client.onstatechange = null;
    client.getDisplay().cancel();
    client.disconnect();
  }

  #show(display: Display): void {
    this.#shown = display;
    // A desktop that was there before may have kept the size that it had.
    this.#asked = `${display.getWidth()}x${display.getHeight()}`;
    this.#ask();
    this.surface.replaceChildren(display.getElement());
    this.#fit();
    this.onPictured();
  }

  /** Whether it is shown at all: where it is not, it has no size of its own. */
  #measure(): boolean {
    const { clientWidth, clientHeight } = this.room;
    if (clientWidth === 0 || clientHeight === 0) return false;
    const all = window.devicePixelRatio || 1;
    const density = this.#saves ? Math.min(1, all) : all;
    this.#wanted = { width: bounded(clientWidth * density), height: bounded(clientHeight * density), dpi: Math.round(DPI * density) };
    return true;
  }

  #ask(): void {
    const { width, height } = this.#wanted;
    const size = `${width}x${height}`;
    if (size === this.#asked || !this.takes()) return;
    this.#asked = size;
    this.#client?.sendSize(width, height);
  }

  #fit(): void {
    const width = this.#shown?.getWidth() ?? 0;
    const height = this.#shown?.getHeight() ?? 0;
    const { clientWidth, clientHeight } = this.box;
    if (width === 0 || height === 0 || clientWidth === 0) return;
    // One that is smaller than its box is not blown up.
    const scale = Math.min(1, clientWidth / width, clientHeight / height);
    this.#shown?.scale(scale);
    this.surface.style.width = `${width * scale}px`;
    this.surface.style.height = `${height * scale}px`;
    this.#point();
  }

  #point(): void {
    if (this.#cursor === null) return;
    const { canvas, x, y } = this.#cursor;
    this.surface.style.cursor = cursorStyle(canvas, x, y, this.#shown?.getScale() ?? 1);
  }
}

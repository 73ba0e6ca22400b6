/**
 * Text between this computer's clipboard and the desktop's, as far as policy and browser let it: what is copied there comes
 * here at once, what is pasted there goes right before the key that pastes it.
 */
import type { Client, InputStream } from "guacamole-common-js";
import { sendText } from "@/lib/desktop/blobs";
import { receiveText } from "@/lib/desktop/receive";
import type { Transfer } from "@/lib/desktop/wire";
import { bytes } from "@/lib/format";
import { desktop } from "@/texts/desktop";

/** As much as guacd keeps. */
export const MOST_BYTES = 256 * 1024;
const MOST_RECEIVED = 4 * MOST_BYTES;

export interface ClipboardSide {
  /** `null` while nothing can be sent. */
  client: () => Client | null;
  transfer: () => Transfer;
  /** Whether this desktop is what a person looks at. */
  shown: () => boolean;
  onText: (text: string) => void;
  say: (text: string, bad: boolean) => void;
}

export class DesktopClipboard {
  /** What both sides have, as far as it is known here. */
  #known: string | null = null;
  /** What this computer's clipboard had when it was last looked at: older than anything that came since. */
  #local: string | null = null;
  /** What the browser has not taken yet. */
  #kept: string | null = null;
  #saidKept = false;
  /** What was not let in, so that it is said once. */
  #refused: string | null = null;

  constructor(private readonly side: ClipboardSide) {}

  /** The desktop copied something. */
  copied(stream: InputStream, mimetype: string): void {
    if (!mimetype.startsWith("text/")) return;
    receiveText(stream, MOST_RECEIVED, (text) => {
      if (text === this.#known) return;
      this.#known = text;
      this.side.onText(text);
      void this.#keep(text);
    });
  }

  async #keep(text: string): Promise<void> {
    this.#kept = text;
    // A page that nobody looks at must not touch the clipboard; it does once it is looked at.
    if (!this.side.shown() || !document.hasFocus()) return;
    try {
      await navigator.clipboard.writeText(text);
      this.#local = text;
      if (this.#kept === text) this.#kept = null;
    } catch {
      if (!this.#saidKept) this.side.say(desktop.keptHere, false);
      this.#saidKept = true;
    }
  }

  /** The desktop is looked at: the clipboards become one, where the browser lets them without asking. */
  async focused(): Promise<void> {
    if (this.#kept !== null) return this.#keep(this.#kept);
    if (!this.side.transfer().paste) return;
    try {
      const { state } = await navigator.permissions.query({ name: "clipboard-read" as PermissionName });
      if (state === "granted") this.#look(await navigator.clipboard.readText(), true);
    } catch {
      // A browser without that: the key that pastes tells.
    }
  }

  /** What is pasted there goes there first. */
  pasted(text: string): void {
    this.#look(text, false);
  }

  #look(text: string, quietly: boolean): void {
    if (text === this.#local) return;
    // What could not go is tried again.
    if (this.give(text, quietly)) this.#local = text;
  }

  /** Whether the desktop has it now. `quietly`: nobody asked for it, so nothing is said. */
  give(text: string, quietly: boolean): boolean {
    if (text === "" || text === this.#known) return true;
    const problem = this.#problem(text);
    if (problem !== null) {
      if (quietly || this.#refused === text) return false;
      this.side.say(problem, true);
      this.#refused = text;
      return false;
    }
    const client = this.side.client();
    if (client === null) return false;
    this.#known = text;
    this.#kept = null;
    sendText(client.createClipboardStream("text/plain"), text);
    this.side.onText(text);
    return true;
  }

  #problem(text: string): string | null {
    if (this.side.client() === null) return desktop.notNow;
    if (!this.side.transfer().paste) return desktop.blocked.paste;
    const size = new Blob([text]).size;
    return size > MOST_BYTES ? desktop.tooLong(bytes(size), bytes(MOST_BYTES)) : null;
  }
}

/** Files to and from a desktop: the drive it offers, what is on its way, and what came of it. */
import type { Client, GuacamoleModule, InputStream, RemoteObject } from "guacamole-common-js";
import { FOLDER_TYPE, readListing, ROOT, within, type Entry } from "@/lib/desktop/listing";
import type { DesktopTunnel } from "@/lib/desktop/tunnel";
import { receive, receiveText } from "@/lib/desktop/receive";
import { upload } from "@/lib/desktop/upload";
import { desktop } from "@/texts/desktop";
import { save } from "./save";

/** A browser keeps a file in memory until it is whole. */
const MOST_BYTES = 1024 * 1024 * 1024;
const MOST_LISTING_BYTES = 4 * 1024 * 1024;
const LISTING_MS = 10_000;
/** What is done is soon out of the picture's way. */
const STAYS_MS = 6000;
const ANY_TYPE = "application/octet-stream";
const PDF = "application/pdf";

export interface FileTransfer {
  id: number;
  name: string;
  way: "up" | "down";
  bytes: number;
  /** `null` where the desktop does not say. */
  total: number | null;
  state: "running" | "done" | "failed";
  why: string | null;
  /** It is there and waits to be saved. */
  offered: Blob | null;
}

export interface FilesState {
  /** The drive's name; `null` where there is none. */
  drive: string | null;
  /** So many files were sent: folders may have others now. */
  sent: number;
  transfers: FileTransfer[];
}

export const NO_FILES: FilesState = { drive: null, sent: 0, transfers: [] };

/** Guacamole's codes of what a stream can come to. */
function failure(code: number | null): string {
  const { failures } = desktop;
  if (code === null) return failures.unread;
  if (code === 0x0303 || code === 0x0301) return failures.denied;
  return code === 0x030d || code === 0x0201 ? failures.full : failures.other;
}

export class Files {
  #state = NO_FILES;
  /** Reads and says what is about files, and draws nothing. */
  #client: Client | null = null;
  #drive: RemoteObject | null = null;
  #nextId = 0;
  readonly #stops = new Map<number, () => void>();

  constructor(
    private readonly guacamole: GuacamoleModule,
    /** Whether something can be begun now. */
    private readonly takes: () => boolean,
    private readonly onState: (state: FilesState) => void,
  ) {}

  /** A new attachment: drive and streams of the one before are no more. */
  attached(tunnel: DesktopTunnel): void {
    this.#reset();
    const client = new this.guacamole.Client(tunnel);
    client.onfilesystem = (object, name) => this.#offersDrive(object, name);
    client.onfile = (stream, mimetype, name) => this.#incoming(stream, mimetype, name);
    client.connect();
    this.#client = client;
  }

  #reset(): void {
    this.#drive = null;
    this.#stops.clear();
    const { failures } = desktop;
    this.#set({ ...this.#state, drive: null, transfers: this.#state.transfers.map((one) => (one.state === "running" ? { ...one, state: "failed", why: failures.line } : one)) });
  }

  #offersDrive(object: RemoteObject, name: string): void {
    this.#drive = object;
    object.onundefine = () => object === this.#drive && this.#reset();
    this.#set({ ...this.#state, drive: name });
  }

  list(folder: string): Promise<Entry[]> {
    return new Promise((done, failed) => {
      const drive = this.#drive;
      if (drive === null || !this.takes()) return failed(new Error(desktop.noDrive));
      const timer = setTimeout(() => failed(new Error(desktop.notListed)), LISTING_MS);
      drive.requestInputStream(folder, (stream, mimetype) => {
        if (mimetype !== FOLDER_TYPE) return failed(new Error(desktop.notListed));
        receiveText(stream, MOST_LISTING_BYTES, (text) => {
          clearTimeout(timer);
          const entries = readListing(text);
          if (entries === null) failed(new Error(desktop.notListed));
          else done(entries);
        });
        stream.sendAck("", 0);
      });
    });
  }

  /** Into a folder of the drive or, where there is none, to wherever the desktop puts files. */
  send(files: readonly File[], folder = ROOT): void {
    const client = this.#client;
    if (client === null || !this.takes()) return;
    for (const file of files) {
      const type = file.type || ANY_TYPE;
      const stream = this.#drive ? this.#drive.createOutputStream(type, within(folder, file.name)) : client.createFileStream(type, file.name);
      const id = this.#begin(file.name, "up", file.size);
      const stop = upload(file, stream, {
        progress: (bytes) => this.#change(id, { bytes }),
        done: () => {
          this.#set({ ...this.#state, sent: this.#state.sent + 1 });
          this.#end(id, { state: "done", bytes: file.size });
        },
        failed: (code) => this.#end(id, { state: "failed", why: failure(code) }),
      });
      this.#stops.set(id, stop);
    }
  }

  fetch({ path, name }: Entry): void {
    if (!this.takes()) return;
    this.#drive?.requestInputStream(path, (stream, mimetype) => this.#incoming(stream, mimetype, name));
  }

  /** The desktop sends a file: what it printed is offered, all else is saved. */
  #incoming(stream: InputStream, mimetype: string, name: string): void {
    const id = this.#begin(name, "down", null);
    const stop = receive(stream, MOST_BYTES, {
      progress: (bytes) => this.#change(id, { bytes }),
      done: (parts) => {
        const blob = new Blob(parts, { type: mimetype });
        const offered = mimetype === PDF ? blob : null;
        if (offered === null) save(blob, name);
        this.#end(id, { state: "done", offered });
      },
      failed: () => this.#end(id, { state: "failed", why: desktop.failures.large }),
    });
    this.#stops.set(id, stop);
    stream.sendAck("", 0);
  }

  stop(id: number): void {
    this.#stops.get(id)?.();
    this.#end(id, { state: "failed", why: desktop.failures.stopped });
  }

  /** Puts what was offered where the browser puts files. */
  save(id: number): void {
    const one = this.#state.transfers.find((transfer) => transfer.id === id);
    if (one?.offered) save(one.offered, one.name);
  }

  remove(id: number): void {
    this.#set({ ...this.#state, transfers: this.#state.transfers.filter((one) => one.id !== id) });
  }

  #begin(name: string, way: "up" | "down", total: number | null): number {
    const id = this.#nextId++;
    this.#set({ ...this.#state, transfers: [...this.#state.transfers, { id, name, way, bytes: 0, total, state: "running", why: null, offered: null }] });
    return id;
  }

  #end(id: number, change: Partial<FileTransfer>): void {
    this.#stops.delete(id);
    this.#change(id, change);
    if (change.state === "done" && !change.offered) setTimeout(() => this.remove(id), STAYS_MS);
  }

  #change(id: number, change: Partial<FileTransfer>): void {
    this.#set({ ...this.#state, transfers: this.#state.transfers.map((one) => (one.id === id ? { ...one, ...change } : one)) });
  }

  #set(state: FilesState): void {
    this.#state = state;
    this.onState(state);
  }
}

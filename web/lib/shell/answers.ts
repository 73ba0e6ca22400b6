/**
 * Tells what a person typed from what the terminal emulator answers by itself (`ESC[c`, `ESC[6n`, colours, focus) to
 * old bytes. An emulator answers only while it parses, in a task of its own; a person's input comes inside a DOM event.
 * So data is an answer to old bytes exactly if it appears while such bytes are parsed and no DOM event is on. Pure.
 */
export class AnswerGuard {
  #parsing = false;

  /** Called in the order of the terminal's writes, right before old bytes are parsed. */
  oldBytesBegin(): void {
    this.#parsing = true;
  }

  /** Right after. */
  oldBytesEnd(): void {
    this.#parsing = false;
  }

  /** Whether data that the terminal emits now may be sent. */
  mayBeSent(inDomEvent: boolean): boolean {
    return !this.#parsing || inDomEvent;
  }
}

/** As much of a terminal as writing needs: xterm.js, in the browser or headless. */
export interface Writable {
  write(data: string | Uint8Array, done?: () => void): void;
  resize(cols: number, rows: number): void;
}

/** How many bytes at the end are the begin of a UTF-8 character (RFC 3629) whose rest is still to come: 0 to 3. */
export function unfinishedCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? back : 0;
  }
  return 0;
}

/**
 * Writes in order: new bytes, old bytes and screens. Callbacks tell when the terminal has read them. xterm.js loses some
 * characters that are split between two writes, so the begin of one waits here for its rest.
 */
export class TerminalWriter {
  readonly guard = new AnswerGuard();
  #begun: Uint8Array = new Uint8Array(0);

  constructor(private readonly terminal: Writable) {}

  fresh(bytes: Uint8Array, done: () => void): void {
    this.terminal.write(this.#whole(bytes), done);
  }

  #whole(bytes: Uint8Array): Uint8Array {
    let all = bytes;
    if (this.#begun.length > 0) {
      all = new Uint8Array(this.#begun.length + bytes.length);
      all.set(this.#begun);
      all.set(bytes, this.#begun.length);
    }
    const end = all.length - unfinishedCharacter(all);
    this.#begun = all.slice(end);
    return all.subarray(0, end);
  }

  old(bytes: Uint8Array, done: () => void): void {
    // An empty write is a marker: its callback runs when everything before it is read.
    this.terminal.write("", () => this.guard.oldBytesBegin());
    this.terminal.write(this.#whole(bytes), () => {
      this.guard.oldBytesEnd();
      done();
    });
  }

  screen(cols: number, rows: number, data: string): void {
    this.#begun = new Uint8Array(0);
    this.terminal.write("", () => {
      this.terminal.resize(cols, rows);
      this.guard.oldBytesBegin();
    });
    // RIS first: it also ends a sequence that the old output was cut in.
    this.terminal.write(`\x1bc${data}`, () => this.guard.oldBytesEnd());
  }

  /** After everything that was written until now. */
  then(done: () => void): void {
    this.terminal.write("", done);
  }
}

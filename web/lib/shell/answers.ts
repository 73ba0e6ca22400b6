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

/** Writes in order: new bytes, old bytes and screens. Callbacks tell when the terminal has read them. */
export class TerminalWriter {
  readonly guard = new AnswerGuard();

  constructor(private readonly terminal: Writable) {}

  fresh(bytes: Uint8Array, done: () => void): void {
    this.terminal.write(bytes, done);
  }

  old(bytes: Uint8Array, done: () => void): void {
    // An empty write is a marker: its callback runs when everything before it is read.
    this.terminal.write("", () => this.guard.oldBytesBegin());
    this.terminal.write(bytes, () => {
      this.guard.oldBytesEnd();
      done();
    });
  }

  screen(cols: number, rows: number, data: string): void {
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

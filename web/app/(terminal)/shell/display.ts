/**
 * Puts a connection's output on a terminal and the terminal's input on the connection. While old output is written the
 * terminal keeps the size that it was made for, and what the emulator answers to it stays here.
 */
import type { Terminal } from "@xterm/xterm";
import { TerminalWriter } from "@/lib/shell/answers";
import type { Display, ShellConnection } from "@/lib/shell/connection";
import { TypedAhead } from "@/lib/prediction/ahead";
import { drawDivider } from "@/lib/terminal/divider";
import type { OpenTerminal } from "@/lib/terminal/open";
import type { TerminalPreferences } from "@/lib/terminal/preferences";
import { NO_MODIFIERS, sequenceOf, withModifiers, type Modifiers, type SpecialKey } from "@/lib/terminal/sticky";

/** Whether what happens now comes from a person. A message of the WebSocket is an event too, but no person. */
function isByAPerson(): boolean {
  const { event } = window;
  return event instanceof UIEvent || event instanceof ClipboardEvent;
}

export class ShellDisplay implements Display {
  readonly #opened: OpenTerminal;
  readonly #writer: TerminalWriter;
  readonly #ahead: TypedAhead;
  /** Old output is on its way to the terminal. */
  #replaying = false;
  #held = NO_MODIFIERS;
  #released: () => void = () => undefined;
  /** Called for what is printed now, not for what is written again. */
  onFresh: () => void = () => undefined;

  constructor(opened: OpenTerminal) {
    this.#opened = opened;
    this.#writer = new TerminalWriter(opened.terminal);
    this.#ahead = new TypedAhead(opened.terminal);
  }

  write(bytes: Uint8Array, replay: boolean, done: () => void): void {
    if (!replay) {
      this.onFresh();
      return this.#writer.fresh(bytes, done);
    }
    this.#replaying = true;
    this.#writer.old(bytes, done);
  }

  screen(cols: number, rows: number, data: string): void {
    this.#replaying = true;
    this.#ahead.forget();
    this.#writer.screen(cols, rows, data);
  }

  waits(bytes: number): void {
    this.#ahead.waits(bytes);
  }

  keepTo(cols: number, rows: number): void {
    this.#writer.then(() => {
      this.#opened.keepTo({ cols, rows });
      this.fit();
    });
  }

  replayed(): void {
    this.#writer.then(() => {
      this.#replaying = false;
      this.fit();
    });
  }

  divider(): void {
    this.#writer.then(() => drawDivider(this.#opened.terminal));
  }

  fit(): void {
    if (!this.#replaying) this.#opened.fit();
  }

  prefer(preferences: TerminalPreferences): void {
    this.#opened.prefer(preferences);
    this.#ahead.prefer(preferences.predictions);
    this.fit();
  }

  focus(): void {
    this.#opened.terminal.focus();
  }

  get terminal(): Terminal {
    return this.#opened.terminal;
  }

  /** These keys stay pressed until the next character; `released` says that it came. */
  hold(held: Modifiers, released: () => void): void {
    this.#held = held;
    this.#released = released;
  }

  /** A key that is no character, as if it were pressed. */
  press(key: SpecialKey): void {
    const sequence = sequenceOf(key, this.#held, this.terminal.modes.applicationCursorKeysMode);
    this.#release();
    this.terminal.input(sequence);
  }

  /** Text as if it were typed. */
  type(text: string): void {
    this.terminal.input(text);
  }

  #release(): void {
    if (this.#held === NO_MODIFIERS) return;
    this.#held = NO_MODIFIERS;
    this.#released();
  }

  #withHeld(typed: string): string {
    const { text, used } = withModifiers(typed, this.#held);
    if (used) this.#release();
    return text;
  }

  dispose(): void {
    this.#ahead.dispose();
    this.#opened.dispose();
  }

  get size(): { cols: number; rows: number } {
    const { cols, rows } = this.#opened.terminal;
    return { cols, rows };
  }

  /** Gives the connection what is typed, pasted, clicked and resized. */
  attach(connection: ShellConnection): void {
    const { terminal } = this.#opened;
    const mayBeSent = () => this.#writer.guard.mayBeSent(isByAPerson());
    terminal.onData((typed) => {
      if (!mayBeSent()) return;
      const text = this.#withHeld(typed);
      if (connection.typed(text)) this.#ahead.typed(text);
    });
    terminal.onBinary((text) => {
      if (mayBeSent() && connection.typedBinary(text)) this.#ahead.typedBytes(text.length);
    });
    terminal.onResize(({ cols, rows }) => !this.#replaying && connection.resized(cols, rows));
  }
}

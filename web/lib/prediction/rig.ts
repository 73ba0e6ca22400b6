/**
 * A predictor on a real terminal without a display, with a line to a program that takes half a round trip each way.
 * The program is a function of what is typed; the clock is the test's.
 */
import { Terminal } from "@xterm/headless";
import { Predictor, type Shown } from "./predictor";
import { EmulatorScreen } from "./screen";

export const ROUND_TRIP_MS = 300;

interface Due {
  at: number;
  act: () => void | Promise<void>;
}

export class Rig {
  readonly terminal = new Terminal({ cols: 80, rows: 24, allowProposedApi: true, logLevel: "off" });
  readonly screen = new EmulatorScreen(this.terminal);
  readonly predictor = new Predictor();
  now = 1000;
  #due: Due[] = [];
  #total = 0;

  /** `program` answers a key with what it prints. */
  constructor(
    public program: (key: string) => string = (key) => key,
    private readonly roundTripMs = ROUND_TRIP_MS,
  ) {}

  /** A terminal that shows a prompt, on a line that was measured, where a first character was confirmed. */
  static async confirmed(program?: (key: string) => string): Promise<Rig> {
    const rig = await new Rig(program).prints("$ ");
    await rig.types("e").after(2 * ROUND_TRIP_MS);
    return rig;
  }

  /** The program prints something; it is on the screen at once. */
  async prints(text: string): Promise<this> {
    await this.#write(text);
    return this;
  }

  #write(text: string): Promise<void> {
    return new Promise((done) =>
      this.terminal.write(text, () => {
        this.predictor.seen(this.screen, this.now);
        done();
      }),
    );
  }

  /** One key after the other, without time between them. */
  types(...keys: string[]): this {
    for (const key of keys) {
      this.predictor.typed(key, this.screen, this.now);
      this.#total += new TextEncoder().encode(key).length;
      const total = this.#total;
      const at = this.now + this.roundTripMs;
      this.#due.push({ at, act: () => this.predictor.acknowledged(this.#total - total, this.screen, this.now) });
      this.#due.push({ at, act: () => this.#write(this.program(key)) });
    }
    return this;
  }

  /** Time passes, and what is due then happens. */
  async after(ms: number): Promise<this> {
    const end = this.now + ms;
    for (;;) {
      const wake = this.predictor.wakeAt(this.now);
      const next = Math.min(this.#due[0]?.at ?? Infinity, wake ?? Infinity);
      if (next > end) break;
      this.now = next;
      const due = this.#due[0]?.at === next ? this.#due.shift() : undefined;
      if (due) await due.act();
      else this.predictor.seen(this.screen, this.now);
    }
    this.now = end;
    return this;
  }

  get shown(): Shown | null {
    return this.predictor.shown(this.now);
  }

  /** The predicted characters, in columns' order; what is erased is a space. */
  get text(): string {
    return (this.shown?.cells ?? []).filter(({ predicted }) => predicted).map(({ text }) => text).join("");
  }

  /** The line of the cursor. */
  get real(): string {
    return this.screen.line(this.screen.cursor.row).map(({ text }) => text).join("").trimEnd();
  }
}

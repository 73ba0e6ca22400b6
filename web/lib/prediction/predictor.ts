/**
 * Predictive echo: what the screen will show once the keys that are on their way have been echoed, as a layer above
 * the terminal's own cells. Never more than the echo that was seen allows:
 *
 * - Nothing is shown until an echo was confirmed on this line: the terminal itself showed a typed character where it
 *   was expected, where it had not stood before, and its cursor behind it. Enter, control keys, and output that moves
 *   the cursor otherwise than the keys do, begin anew. So what a program does not echo never appears.
 * - While the terminal shows anything but what was there before or what was predicted, nothing is shown.
 * - What is not confirmed `settle` after the target got it is wrong, and dropped with all that builds on it.
 *
 * Pure: the screen and the time come in as arguments. It is told of keys, acknowledgements and output, and asked what
 * to show. It writes nothing.
 */
import { byteLength, keysOf, type Action } from "./keys";
import { RoundTrip, STUCK_MS } from "./latency";
import { isBlank, Line, type Cell, type Position } from "./line";

/** The terminal as it is now. */
export interface Screen {
  readonly cols: number;
  readonly rows: number;
  readonly alternate: boolean;
  readonly cursor: Position;
  line(row: number): Cell[];
}

export interface ShownCell extends Cell {
  column: number;
  /** False: it only covers the terminal's own cursor. */
  predicted: boolean;
}

export interface Shown {
  row: number;
  cells: ShownCell[];
  /** Where the cursor will be. */
  column: number;
}

interface Typed {
  action: Action;
  /** Input bytes up to its end, counted from this page's first. */
  end: number;
  at: number;
  acknowledgedAt: number | null;
}

interface Base extends Position {
  cells: Cell[];
}

/** More keys than this on their way are not predicted any further. */
export const MOST_KEYS = 256;
/** After the target got a key its echo may take this long, and a quarter of a round trip. */
export const SETTLE_MS = 100;
/** No acknowledgement for this long: what was acknowledged is on the screen, probably. Only a guess to start from. */
export const QUIET_MS = 40;
/** What password fields show instead of characters: that they did proves nothing. */
const MASKS = new Set(["*", "•", "●"]);

export class Predictor {
  readonly roundTrip = new RoundTrip();
  /** How many keys turned out right and wrong, for whoever wants to know. */
  readonly judged = { right: 0, wrong: 0 };
  #on = true;
  /** Predicted keys, on the line of `base`. */
  #keys: Typed[] = [];
  /** The line as the terminal showed it before the first of `#keys`. `null`: not known yet. */
  #base: Base | null = null;
  /** Where typing began on this line, and how far the cursor came. */
  #start = 0;
  #reach = 0;
  /** An echo was seen on this line. */
  #confirmed = false;
  /** The terminal shows what was there before, or what was predicted. */
  #consistent = true;
  /** Something was typed whose effect is not known: later keys wait for the target to have got this many bytes. */
  #unknownUntil: number | null = null;
  #waiting: Typed[] = [];
  #size = "";
  #total = 0;
  #acknowledged = 0;
  #acknowledgedAt = -Infinity;

  /** Whether the person wants predictions. */
  prefer(on: boolean): void {
    this.#on = on;
  }

  /** Text was typed and goes to the target. */
  typed(text: string, screen: Screen, now: number): void {
    this.seen(screen, now);
    const keys = keysOf(text);
    if (keys === null) return this.unknown(byteLength(text));
    for (const { action, bytes } of keys) this.#key(action, bytes, screen, now);
  }

  /** Input of so many bytes goes to the target, and nobody knows what it does. */
  unknown(bytes: number): void {
    this.#total += bytes;
    this.#unknownUntil = this.#total;
    this.#waiting = [];
  }

  #key(action: Action, bytes: number, screen: Screen, now: number): void {
    const waits = this.#unknownUntil !== null;
    if (this.#keys.length + this.#waiting.length >= MOST_KEYS) return this.unknown(bytes);
    const typed: Typed = { action, end: this.#total + bytes, at: now, acknowledgedAt: null };
    if (!waits) {
      if (this.#keys.length === 0) this.#begin(screen);
      if (!this.#replay(this.#keys.length)?.apply(action)) return this.unknown(bytes);
    }
    this.#total = typed.end;
    (waits ? this.#waiting : this.#keys).push(typed);
  }

  /** The first key after nothing was on its way. */
  #begin(screen: Screen): void {
    const { cursor } = screen;
    if (this.#base === null || !isAt(this.#base, cursor)) this.#anew(cursor);
    this.#base = { ...cursor, cells: screen.line(cursor.row) };
    this.#consistent = true;
  }

  #anew({ column }: Position): void {
    this.#confirmed = false;
    this.#start = column;
    this.#reach = column;
  }

  /** The target has got all but `waiting` of the input bytes. */
  acknowledged(waiting: number, screen: Screen, now: number): void {
    const reached = Math.max(this.#acknowledged, this.#total - waiting);
    if (reached > this.#acknowledged) {
      this.#acknowledged = reached;
      this.#acknowledgedAt = now;
      let newest: Typed | null = null;
      for (const key of [...this.#keys, ...this.#waiting]) {
        if (key.end > reached || key.acknowledgedAt !== null) continue;
        key.acknowledgedAt = now;
        newest = key;
      }
      if (newest) this.roundTrip.measured(now - newest.at);
    }
    this.seen(screen, now);
  }

  /** The terminal has read output, or time has passed. */
  seen(screen: Screen, now: number): void {
    const size = `${screen.cols} ${screen.rows} ${screen.alternate}`;
    if (size !== this.#size) this.forget();
    this.#size = size;
    if (this.#keys.length > 0) this.#judge(screen, now);
    else if (this.#base !== null && !isAt(this.#base, screen.cursor)) this.#base = null;
    if (this.#unknownUntil === null || this.#acknowledged < this.#unknownUntil) return;
    if (now - this.#acknowledgedAt >= QUIET_MS) this.#resume(screen);
  }

  /** The screen is another one: nothing of what was predicted holds. */
  forget(): void {
    this.#keys = [];
    this.#base = null;
    this.#confirmed = false;
    this.#unknownUntil = this.#total;
    this.#waiting = [];
  }

  /** Takes up predicting from where the cursor is now, with the keys that are still on their way. */
  #resume(screen: Screen): void {
    const onTheirWay = this.#waiting.filter(({ end }) => end > this.#acknowledged);
    this.#unknownUntil = null;
    this.#waiting = [];
    this.#keys = [];
    this.#base = null;
    this.#begin(screen);
    for (const key of onTheirWay) {
      if (!this.#replay(this.#keys.length)?.apply(key.action)) {
        this.#unknownUntil = this.#total;
        return;
      }
      this.#keys.push(key);
    }
  }

  /** The line after the first `count` keys. */
  #replay(count: number): Line | null {
    if (this.#base === null) return null;
    const line = new Line(this.#base.cells, this.#base.column, this.#start, this.#reach);
    for (const { action } of this.#keys.slice(0, count)) if (!line.apply(action)) return null;
    return line;
  }

  /** Compares the terminal with what it showed and with what it should show after each key. */
  #judge(screen: Screen, now: number): void {
    const base = this.#base;
    if (base === null) return;
    const { cursor } = screen;
    const real = screen.line(base.row);
    const due = this.#keys.findLastIndex(({ acknowledgedAt }) => acknowledgedAt !== null && now - acknowledgedAt >= this.#settleMs) + 1;
    const line = new Line(base.cells, base.column, this.#start, this.#reach);
    if (due === 0 && isAt(base, cursor)) return this.#unchanged(base, real);
    for (const [index, { action }] of this.#keys.entries()) {
      line.apply(action);
      const isThere = cursor.row === base.row && cursor.column === line.column && matches(line, real);
      if (!isThere || index + 1 < due) continue;
      this.#confirm(index + 1, line, real);
      return;
    }
    // The line's end was typed as well and its echo came along: the cursor is elsewhere, the text is there.
    if (cursor.row > base.row && this.#unknownUntil !== null && matches(line, real)) {
      this.judged.right += this.#keys.length;
      this.#keys = [];
      this.#base = null;
      return;
    }
    if (due > 0) return this.#wrong(screen, now);
    this.#confirmed = false;
    this.#consistent = false;
  }

  /** No echo yet. Other parts of the line may have changed, and with them what the keys do to it. */
  #unchanged(base: Base, real: Cell[]): void {
    base.cells = real;
    this.#consistent = true;
    const line = new Line(real, base.column, this.#start, this.#reach);
    const known = this.#keys.findIndex(({ action }) => !line.apply(action));
    if (known < 0) return;
    this.#keys.splice(known);
    this.#unknownUntil = this.#total;
  }

  get #settleMs(): number {
    return SETTLE_MS + this.roundTrip.ms / 4;
  }

  #confirm(count: number, line: Line, real: Cell[]): void {
    const before = this.#base;
    if (before === null) return;
    for (let at = line.from; at < line.reach; at += 1) {
      const { text } = line.cells[at] ?? { text: " " };
      if (text !== " " && text !== "" && !MASKS.has(text) && text !== before.cells[at]?.text) this.#confirmed = true;
    }
    this.judged.right += count;
    this.#keys.splice(0, count);
    this.#base = { row: before.row, column: line.column, cells: real };
    this.#reach = line.reach;
    this.#consistent = true;
  }

  #wrong(screen: Screen, now: number): void {
    this.judged.wrong += this.#keys.length;
    const keys = this.#keys;
    this.#keys = [];
    this.#base = null;
    this.#confirmed = false;
    if (this.#unknownUntil !== null) return;
    this.#unknownUntil = this.#acknowledged;
    this.#waiting = keys;
    if (now - this.#acknowledgedAt >= QUIET_MS) this.#resume(screen);
  }

  /** What to show above the terminal's cells now. */
  shown(now: number): Shown | null {
    const [oldest] = this.#keys;
    if (!this.#on || !this.#confirmed || !this.#consistent || this.#base === null || oldest === undefined) return null;
    if (!this.roundTrip.isLong && now - oldest.at < STUCK_MS) return null;
    const line = this.#replay(this.#keys.length);
    if (line === null) return null;
    const { row, column, cells } = this.#base;
    const shown: ShownCell[] = [];
    for (const [at, cell] of line.cells.entries()) {
      const predicted = cell.text !== cells[at]?.text;
      if ((predicted || at === column) && cell.width > 0) shown.push({ ...cell, column: at, predicted });
    }
    return { row, cells: shown, column: line.column };
  }

  /** When to call `seen` next although nothing came, if at all. */
  wakeAt(now: number): number | null {
    const times: number[] = [];
    const due = this.#keys.find(({ acknowledgedAt }) => acknowledgedAt !== null)?.acknowledgedAt;
    if (due != null) times.push(due + this.#settleMs);
    if (this.#unknownUntil !== null && this.#acknowledged >= this.#unknownUntil && this.#waiting.length > 0) times.push(this.#acknowledgedAt + QUIET_MS);
    const [oldest] = this.#keys;
    if (oldest && this.#confirmed && !this.roundTrip.isLong) times.push(oldest.at + STUCK_MS);
    const later = times.filter((time) => time > now);
    return later.length === 0 ? null : Math.min(...later);
  }
}

const isAt = (one: Position, other: Position): boolean => one.row === other.row && one.column === other.column;

/** Whether the terminal shows the line, as far as keys touched it. */
function matches(line: Line, real: readonly Cell[]): boolean {
  for (let at = line.from; at < line.reach; at += 1) {
    const [wanted, there] = [line.cells[at], real[at]];
    if (wanted?.text !== there?.text && !(isBlank(wanted) && isBlank(there))) return false;
  }
  return true;
}

/**
 * A line of the screen with keys applied to it: what a program that edits a line makes of them. It refuses what cannot
 * be known: leaving the part that was typed, and reaching the last column. Pure.
 */
import type { Action } from "./keys";

export interface Cell {
  /** One character with its marks; a space where there is none; nothing in the second column of a wide one. */
  text: string;
  width: number;
}

export interface Position {
  /** Counted from the first line that is kept, so that it scrolls with its text. */
  row: number;
  column: number;
}

const BLANK: Cell = { text: " ", width: 1 };
const REST: Cell = { text: "", width: 0 };

export const isBlank = (cell: Cell | undefined): boolean => cell?.text === " ";

export class Line {
  readonly cells: Cell[];
  /** Only columns from `from` to before `reach` were touched by keys. */
  #from: number;
  #reach: number;

  /** `start`: where typing began on this line. `reach`: how far the cursor came. */
  constructor(
    cells: readonly Cell[],
    public column: number,
    private readonly start: number,
    reach: number,
  ) {
    this.cells = cells.slice();
    this.#from = column;
    this.#reach = Math.max(reach, column);
  }

  get from(): number {
    return this.#from;
  }

  get reach(): number {
    return this.#reach;
  }

  /** Whether it is known what the key does. */
  apply(action: Action): boolean {
    const done = this.#do(action);
    this.#from = Math.min(this.#from, this.column);
    this.#reach = Math.max(this.#reach, this.column);
    return done;
  }

  #do(action: Action): boolean {
    switch (action.kind) {
      case "print":
        return this.#print(action.text, action.width);
      case "erase": {
        const width = this.#widthBefore();
        const end = this.#textEnd();
        if (width === 0 || end === null) return false;
        this.column -= width;
        this.cells.splice(end, 0, ...Array<Cell>(width).fill(BLANK));
        this.cells.splice(this.column, width);
        return true;
      }
      case "left": {
        const width = this.#widthBefore();
        this.column -= width;
        return width > 0;
      }
      case "right":
        if (this.column >= this.#reach) return false;
        this.column += Math.max(1, this.cells[this.column]?.width ?? 1);
        return true;
    }
  }

  #print(text: string, width: number): boolean {
    const end = this.#textEnd();
    if (end === null || end + width >= this.cells.length) return false;
    this.cells.splice(end, width);
    this.cells.splice(this.column, 0, { text, width }, ...(width === 2 ? [REST] : []));
    this.column += width;
    return true;
  }

  /** Columns of the character before the cursor; 0 where typing began. */
  #widthBefore(): number {
    const width = this.cells[this.column - 1]?.width === 0 ? 2 : 1;
    return this.column - width < this.start ? 0 : width;
  }

  /** Where the text at the cursor ends: at two blanks, so that what stands apart is not moved along. */
  #textEnd(): number | null {
    for (let at = this.column; at + 1 < this.cells.length; at += 1) {
      if (isBlank(this.cells[at]) && isBlank(this.cells[at + 1])) return at;
    }
    return null;
  }
}

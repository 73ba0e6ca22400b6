/** What predictions look at, read from an xterm.js terminal, in the browser or headless. */
import type { IBuffer, IBufferCell, IBufferLine } from "@xterm/xterm";
import type { Cell, Position } from "./line";
import type { Screen } from "./predictor";

interface Emulator {
  readonly cols: number;
  readonly rows: number;
  readonly buffer: { readonly active: Pick<IBuffer, "type" | "baseY" | "cursorX" | "cursorY"> & { getLine(row: number): Pick<IBufferLine, "getCell"> | undefined; getNullCell(): IBufferCell } };
}

export class EmulatorScreen implements Screen {
  constructor(private readonly terminal: Emulator) {}

  get cols(): number {
    return this.terminal.cols;
  }

  get rows(): number {
    return this.terminal.rows;
  }

  get alternate(): boolean {
    return this.terminal.buffer.active.type === "alternate";
  }

  get cursor(): Position {
    const { baseY, cursorX, cursorY } = this.terminal.buffer.active;
    return { row: baseY + cursorY, column: cursorX };
  }

  line(row: number): Cell[] {
    const { active } = this.terminal.buffer;
    const line = active.getLine(row);
    const reused = active.getNullCell();
    const cells: Cell[] = [];
    for (let at = 0; at < this.terminal.cols; at += 1) {
      const cell = line?.getCell(at, reused);
      const width = cell?.getWidth() ?? 1;
      cells.push({ text: width === 0 ? "" : cell?.getChars() || " ", width });
    }
    return cells;
  }
}

/**
 * Draws predictions above a terminal's own cells: marked by a line below, with a cursor of their own. The terminal's
 * text is never touched, so what is predicted wrongly leaves nothing behind. Hidden from screen readers, which get the
 * real text. Needs an opened xterm.js; decides nothing.
 */
import type { Terminal } from "@xterm/xterm";
import type { Shown } from "./predictor";

export class PredictionLayer {
  readonly #layer = document.createElement("div");
  #drawn: string | null = null;

  constructor(private readonly terminal: Terminal) {
    this.#layer.className = "prediction-layer";
    this.#layer.setAttribute("aria-hidden", "true");
    terminal.element?.querySelector(".xterm-screen")?.append(this.#layer);
  }

  draw(shown: Shown | null): void {
    const wanted = shown && JSON.stringify([shown, this.terminal.buffer.active.viewportY, this.#cell]);
    if (wanted === this.#drawn) return;
    this.#drawn = wanted;
    this.#layer.replaceChildren(...(shown ? this.#parts(shown) : []));
  }

  dispose(): void {
    this.#layer.remove();
  }

  get #cell(): { width: number; height: number } {
    const { cols, rows, element } = this.terminal;
    const screen = element?.querySelector(".xterm-screen");
    return { width: (screen?.clientWidth ?? 0) / cols, height: (screen?.clientHeight ?? 0) / rows };
  }

  #parts({ row, cells, column }: Shown): HTMLElement[] {
    const line = row - this.terminal.buffer.active.viewportY;
    if (line < 0 || line >= this.terminal.rows) return [];
    const { width, height } = this.#cell;
    const { fontFamily, fontSize, theme } = this.terminal.options;
    const place = (part: HTMLElement, at: number, columns: number) => {
      part.style.left = `${at * width}px`;
      part.style.top = `${line * height}px`;
      part.style.width = `${columns * width}px`;
      part.style.height = part.style.lineHeight = `${height}px`;
    };
    const parts = cells.map(({ text, width: columns, column: at, predicted }) => {
      const part = document.createElement("span");
      part.textContent = text;
      part.className = predicted ? "predicted" : "";
      part.style.fontFamily = fontFamily ?? "";
      part.style.fontSize = `${fontSize ?? 0}px`;
      part.style.color = theme?.foreground ?? "";
      part.style.background = theme?.background ?? "";
      place(part, at, columns);
      return part;
    });
    const cursor = document.createElement("span");
    cursor.className = "predicted-cursor";
    cursor.style.borderColor = theme?.cursor ?? theme?.foreground ?? "";
    place(cursor, column, 1);
    return [...parts, cursor];
  }
}

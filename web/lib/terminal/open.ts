/**
 * Makes an xterm.js terminal in an element: loaded only when one is needed, drawn by WebGL where that is fast, coloured
 * like the page. It knows no connection; who makes it also ends it.
 */
import type { FitAddon } from "@xterm/addon-fit";
import type { Terminal } from "@xterm/xterm";
import { leastContrast, onThemeChange, terminalColours, type Colours } from "./colours";
import { isWebglFast } from "./graphics";
import { findLinks, markedLinks } from "./links";
import type { TerminalPreferences } from "./preferences";

export const FONT_FAMILY = 'ui-monospace, "SF Mono", Menlo, "Cascadia Mono", "Liberation Mono", "DejaVu Sans Mono", monospace';
const SCROLLBACK_LINES = 10_000;
/** Smaller letters nobody reads; what does not fit then is cut off. */
const MIN_FONT_SIZE = 5;

export interface Size {
  cols: number;
  rows: number;
}

export interface OpenTerminal {
  terminal: Terminal;
  /** Takes as many columns and rows as the element has room for. */
  fit: () => void;
  /** From now on it has this size, and its letters are as large as fit. */
  keepTo: (size: Size) => void;
  prefer: (preferences: TerminalPreferences) => void;
  dispose: () => void;
}

/** WebGL where that is the faster way; else, and once the graphics driver takes it away, xterm draws with plain elements. */
async function drawFast(terminal: Terminal): Promise<void> {
  if (!isWebglFast()) return;
  const { WebglAddon } = await import("@xterm/addon-webgl");
  try {
    const webgl = new WebglAddon();
    webgl.onContextLoss(() => webgl.dispose());
    terminal.loadAddon(webgl);
  } catch {
    // No WebGL here.
  }
}

/** Ctrl+Shift+C copies what is selected; Ctrl+C alone belongs to the target. */
function copyByKey(terminal: Terminal): void {
  terminal.attachCustomKeyEventHandler((event) => {
    const copies = event.type === "keydown" && event.ctrlKey && event.shiftKey && event.code === "KeyC" && terminal.hasSelection();
    if (!copies) return true;
    event.preventDefault();
    void navigator.clipboard?.writeText(terminal.getSelection()).catch(() => undefined);
    return false;
  });
}

/** What surrounds the letters has the same colour. */
function colour(box: HTMLElement, terminal: Terminal, colours: Colours): void {
  const theme = terminalColours(colours);
  terminal.options.theme = theme;
  terminal.options.minimumContrastRatio = leastContrast(colours);
  box.style.setProperty("--terminal", theme.background ?? "");
}

/** A hidden element has no size, and its terminal keeps the one it has. */
const isShown = (box: HTMLElement): boolean => box.clientWidth > 0 && box.clientHeight > 0;

/** Another size in the same box: smaller letters where it needs them, never larger ones than are wanted. */
function shrinkTo(terminal: Terminal, addon: FitAddon, kept: Size, fontSize: number): void {
  terminal.options.fontSize = fontSize;
  const room = addon.proposeDimensions();
  if (room !== undefined && room.cols > 0 && room.rows > 0) {
    const share = Math.min(1, room.cols / kept.cols, room.rows / kept.rows);
    terminal.options.fontSize = Math.max(MIN_FONT_SIZE, Math.floor(fontSize * share));
  }
  terminal.resize(kept.cols, kept.rows);
}

export async function openTerminal(box: HTMLElement, preferences: TerminalPreferences): Promise<OpenTerminal> {
  const [xterm, { FitAddon }, { Unicode11Addon }] = await Promise.all([
    import("@xterm/xterm"),
    import("@xterm/addon-fit"),
    import("@xterm/addon-unicode11"),
  ]);
  const terminal: Terminal = new xterm.Terminal({
    allowProposedApi: true, // For the widths of Unicode 11.
    cursorBlink: true,
    fontFamily: FONT_FAMILY,
    fontSize: preferences.fontSize,
    macOptionIsMeta: true,
    screenReaderMode: preferences.screenReader,
    scrollback: SCROLLBACK_LINES,
    linkHandler: markedLinks(() => terminal),
  });
  colour(box, terminal, preferences.colours);
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  terminal.open(box);
  copyByKey(terminal);
  await drawFast(terminal);
  let { fontSize, colours } = preferences;
  const endTheme = onThemeChange(() => colour(box, terminal, colours));
  // Nothing waits for these: a link that is clicked was seen before.
  findLinks(terminal).catch(() => undefined);
  let kept: Size | null = null;
  return {
    terminal,
    fit: () => {
      if (!isShown(box)) return;
      if (kept === null) fit.fit();
      else shrinkTo(terminal, fit, kept, fontSize);
    },
    keepTo: (size) => {
      kept = size;
    },
    prefer: (wanted) => {
      if (wanted.colours !== colours) colour(box, terminal, wanted.colours);
      ({ fontSize, colours } = wanted);
      terminal.options.fontSize = wanted.fontSize;
      terminal.options.screenReaderMode = wanted.screenReader;
    },
    dispose: () => {
      endTheme();
      terminal.dispose();
    },
  };
}

/** The terminal that a recording is shown on: its size is the recording's, and it is made smaller to fit its box. */
import type { Command } from "@/lib/cast/player";
import { onThemeChange, terminalColours } from "@/lib/terminal/colours";
import { FONT_FAMILY } from "@/lib/terminal/open";

const FONT_SIZE = 14;

export interface Screen {
  /** Gives it commands in order; `done` when it has read them. */
  apply: (commands: Command[], done: () => void) => void;
  dispose: () => void;
}

/** Of the window's height; the controls below want to be in sight too. */
const MOST_HEIGHT = 0.6;
/** Smaller than this nobody reads it: then the box scrolls. */
const SMALLEST_SCALE = 0.55;

/** Scales what is inside to the room there is, never up, and gives the box its height. */
function fitTo(box: HTMLElement, inside: HTMLElement): void {
  const { offsetWidth: width, offsetHeight: height } = inside;
  const room = Math.min(box.clientWidth / width, (window.innerHeight * MOST_HEIGHT) / height);
  const scale = width === 0 || height === 0 ? 1 : Math.min(1, Math.max(SMALLEST_SCALE, room));
  inside.style.transform = scale < 1 ? `scale(${scale})` : "";
  box.style.height = `${Math.ceil(height * scale)}px`;
  // A transformed element keeps its room: without this the box would scroll into nothing.
  inside.style.marginRight = `${Math.floor(width * (scale - 1))}px`;
  inside.style.marginBottom = `${Math.floor(height * (scale - 1))}px`;
}

export async function openScreen(box: HTMLElement): Promise<Screen> {
  const [{ Terminal }, { Unicode11Addon }] = await Promise.all([import("@xterm/xterm"), import("@xterm/addon-unicode11")]);
  const terminal = new Terminal({
    allowProposedApi: true, // For the widths of Unicode 11.
    disableStdin: true,
    fontFamily: FONT_FAMILY,
    fontSize: FONT_SIZE,
    minimumContrastRatio: 4.5,
    theme: terminalColours("page"),
  });
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  const inside = document.createElement("div");
  inside.className = "w-max origin-top-left";
  box.append(inside);
  terminal.open(inside);
  // The keys belong to the player around it.
  terminal.textarea?.setAttribute("tabindex", "-1");

  const fit = () => fitTo(box, inside);
  const sizes = new ResizeObserver(fit);
  sizes.observe(box);
  sizes.observe(inside);
  window.addEventListener("resize", fit);
  const endTheme = onThemeChange(() => {
    terminal.options.theme = terminalColours("page");
  });

  const resize = (cols: number, rows: number) => {
    if (terminal.cols !== cols || terminal.rows !== rows) terminal.resize(cols, rows);
  };
  const apply = ([command, ...rest]: Command[], done: () => void): void => {
    if (command === undefined) return done();
    if (command.type === "write") return terminal.write(command.text, () => apply(rest, done));
    if (command.type === "reset") terminal.reset();
    resize(command.cols, command.rows);
    apply(rest, done);
  };
  return {
    apply,
    dispose: () => {
      window.removeEventListener("resize", fit);
      sizes.disconnect();
      endTheme();
      terminal.dispose();
      inside.remove();
    },
  };
}

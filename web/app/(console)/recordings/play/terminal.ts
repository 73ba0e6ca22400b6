/** The terminal that a shell's recording is shown on: its size is the recording's, and it is made smaller to fit its box. */
import { Player, type Command } from "@/lib/cast/player";
import type { Timeline } from "@/lib/cast/timeline";
import { onThemeChange, terminalColours } from "@/lib/terminal/colours";
import { FONT_FAMILY } from "@/lib/terminal/open";
import { anywhere } from "@/texts/anywhere";
import { onRoom, scaleFor, type Screen, type Show } from "./show";

const FONT_SIZE = 14;

/** Smaller than this nobody reads it: then the box scrolls. */
const SMALLEST_SCALE = 0.55;

/** Scales what is inside to the room there is, never up, and gives the box its height. */
function fitTo(box: HTMLElement, inside: HTMLElement): void {
  const { offsetWidth: width, offsetHeight: height } = inside;
  const scale = Math.max(SMALLEST_SCALE, scaleFor(box, width, height));
  inside.style.transform = scale < 1 ? `scale(${scale})` : "";
  box.style.height = `${Math.ceil(height * scale)}px`;
  // A transformed element keeps its room: without this the box would scroll into nothing.
  inside.style.marginRight = `${Math.floor(width * (scale - 1))}px`;
  inside.style.marginBottom = `${Math.floor(height * (scale - 1))}px`;
}

async function openTerminal(box: HTMLElement): Promise<Screen<Command>> {
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

  const endRoom = onRoom([box, inside], () => fitTo(box, inside));
  const endTheme = onThemeChange(() => {
    terminal.options.theme = terminalColours("page");
  });

  const resize = (cols: number, rows: number) => {
    if (terminal.cols !== cols || terminal.rows !== rows) terminal.resize(cols, rows);
  };
  const apply = async (commands: Command[]): Promise<void> => {
    for (const command of commands) {
      if (command.type === "write") {
        await new Promise<void>((done) => terminal.write(command.text, done));
        continue;
      }
      if (command.type === "reset") terminal.reset();
      resize(command.cols, command.rows);
    }
  };
  return {
    apply,
    dispose: () => {
      endRoom();
      endTheme();
      terminal.dispose();
      inside.remove();
    },
  };
}

/** Readers of the page get the text on its own tab. */
export const SHELL: Show<Timeline, Command> = {
  player: (timeline) => new Player(timeline),
  open: openTerminal,
  picture: null,
  broken: anywhere.terminalNotLoaded,
};

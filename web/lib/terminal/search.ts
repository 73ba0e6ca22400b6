/** Searches a terminal's output, with all that scrolled away. Loaded when somebody searches; decides nothing. */
import type { ISearchOptions } from "@xterm/addon-search";
import type { Terminal } from "@xterm/xterm";
import { isDark } from "./colours";
import { MOST_FOUND, type Found } from "./found";

export interface TerminalSearch {
  /** `latest` is for text that still grows: it stays where it is as long as that matches, else it goes up. */
  find: (text: string, way: "latest" | "next" | "previous") => void;
  /** Takes its marks away; what was found last stays selected. */
  dispose: () => void;
}

/** What is found is also selected, which hides its background: a border shows which one it is. */
const MARKS = {
  light: { matchBackground: "#fde9a9", activeMatchBackground: "#ffb648", activeMatchBorder: "#b45309" },
  dark: { matchBackground: "#4d3d0c", activeMatchBackground: "#8f5f00", activeMatchBorder: "#ffb648" },
};

function options(terminal: Terminal): ISearchOptions {
  const marks = MARKS[isDark(terminal.options.theme?.background) ? "dark" : "light"];
  // The ruler's colours are asked for, and used only where there is a ruler.
  return { decorations: { ...marks, matchOverviewRuler: marks.matchBackground, activeMatchColorOverviewRuler: marks.activeMatchBackground } };
}

export async function searchIn(terminal: Terminal, onFound: (found: Found) => void): Promise<TerminalSearch> {
  const { SearchAddon } = await import("@xterm/addon-search");
  const addon = new SearchAddon({ highlightLimit: MOST_FOUND });
  terminal.loadAddon(addon);
  addon.onDidChangeResults(({ resultIndex, resultCount }) => onFound({ index: resultIndex, count: resultCount }));
  return {
    find: (text, way) => {
      if (way === "next") addon.findNext(text, options(terminal));
      else addon.findPrevious(text, { ...options(terminal), incremental: way === "latest" });
    },
    dispose: () => addon.dispose(),
  };
}

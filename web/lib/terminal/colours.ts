/** The terminal's colours, as xterm.js takes them, and how to know when the page's change. */
import type { ITheme } from "@xterm/xterm";

const DARK: ITheme = {
  background: "#0a0c10",
  foreground: "#e7eaee",
  cursor: "#62adff",
  cursorAccent: "#06182c",
  selectionBackground: "#2b4a6b",
  selectionInactiveBackground: "#26313d",
  black: "#3a444f",
  red: "#ff7b74",
  green: "#4fca7f",
  yellow: "#eeb04c",
  blue: "#62adff",
  magenta: "#d19bff",
  cyan: "#4ccfd6",
  white: "#c8ced6",
  brightBlack: "#84909c",
  brightRed: "#ff9790",
  brightGreen: "#7ce0a1",
  brightYellow: "#f7c877",
  brightBlue: "#93c8ff",
  brightMagenta: "#e2bfff",
  brightCyan: "#86e3e8",
  brightWhite: "#ffffff",
};

const LIGHT: ITheme = {
  background: "#ffffff",
  foreground: "#15191e",
  cursor: "#0b63c4",
  cursorAccent: "#ffffff",
  selectionBackground: "#bcd9f7",
  selectionInactiveBackground: "#dde3ea",
  black: "#15191e",
  red: "#bf2626",
  green: "#147a3d",
  yellow: "#98550a",
  blue: "#0b63c4",
  magenta: "#8431b5",
  cyan: "#0b7285",
  white: "#6f7a87",
  brightBlack: "#55606d",
  brightRed: "#d93a3a",
  brightGreen: "#1c8f4a",
  brightYellow: "#a8670f",
  brightBlue: "#2b7fdb",
  brightMagenta: "#9c4bcc",
  brightCyan: "#12899f",
  brightWhite: "#3a444f",
};

/** Solarized by Ethan Schoonover, the dark one. Its own bright colours are greys, which would make bold text colourless. */
const SOLARIZED: ITheme = {
  background: "#002b36",
  foreground: "#93a1a1",
  cursor: "#93a1a1",
  cursorAccent: "#002b36",
  selectionBackground: "#0f5263",
  selectionInactiveBackground: "#073f4d",
  black: "#073642",
  red: "#dc322f",
  green: "#859900",
  yellow: "#b58900",
  blue: "#268bd2",
  magenta: "#d33682",
  cyan: "#2aa198",
  white: "#eee8d5",
  brightBlack: "#657b83",
  brightRed: "#f5605c",
  brightGreen: "#a5bd1a",
  brightYellow: "#d5a514",
  brightBlue: "#4aa8ee",
  brightMagenta: "#ea5fa2",
  brightCyan: "#45c2b8",
  brightWhite: "#fdf6e3",
};

const CONTRAST: ITheme = {
  background: "#000000",
  foreground: "#ffffff",
  cursor: "#ffff00",
  cursorAccent: "#000000",
  selectionBackground: "#0057d9",
  selectionInactiveBackground: "#003a91",
  black: "#8a8a8a",
  red: "#ff8080",
  green: "#4dff4d",
  yellow: "#ffff00",
  blue: "#8cb8ff",
  magenta: "#ff9cff",
  cyan: "#00ffff",
  white: "#ffffff",
  brightBlack: "#b0b0b0",
  brightRed: "#ffb3b3",
  brightGreen: "#a6ffa6",
  brightYellow: "#ffffa6",
  brightBlue: "#bdd6ff",
  brightMagenta: "#ffc7ff",
  brightCyan: "#a6ffff",
  brightWhite: "#ffffff",
};

export const COLOURS = ["page", "dark", "light", "solarized", "contrast"] as const;
export type Colours = (typeof COLOURS)[number];

export function terminalColours(colours: Colours): ITheme {
  if (colours === "page") return document.documentElement.dataset.theme === "dark" ? DARK : LIGHT;
  return { dark: DARK, light: LIGHT, solarized: SOLARIZED, contrast: CONTRAST }[colours];
}

/** The least contrast between letters and what is behind them (WCAG 2.2, 1.4.3 and 1.4.6); colours of programs are moved to reach it. */
export const leastContrast = (colours: Colours): number => (colours === "contrast" ? 7 : 4.5);

/** Whether a colour, "#rrggbb", is nearer to black than to white (luma of ITU-R BT.601). */
export function isDark(colour: string | undefined): boolean {
  const [red = 0, green = 0, blue = 0] = (colour?.match(/[0-9a-f]{2}/gi) ?? []).map((part) => parseInt(part, 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

/** Calls back whenever light becomes dark or the other way; the answer ends that. */
export function onThemeChange(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}

/** The terminal's colours, light and dark, as xterm.js takes them, and how to know which one is on. */
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

export const terminalColours = (): ITheme => (document.documentElement.dataset.theme === "dark" ? DARK : LIGHT);

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

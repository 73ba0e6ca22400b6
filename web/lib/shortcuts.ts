/** The keys that the pages take for themselves. In a shell everything else belongs to the target. Pure. */
import { keys } from "@/texts/keys";

export type KeyPress = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

/** The letter of a key: as it is typed or, on a keyboard of another script, as it stands in that place on a Latin one. */
const letter = ({ key, code }: KeyPress): string => (/^[a-z]$/i.test(key) ? key : code.replace(/^Key/, "")).toLowerCase();

/** Ctrl, or Cmd on a Mac. */
const isCommand = (press: KeyPress): boolean => press.ctrlKey !== press.metaKey && !press.altKey;

/** Ctrl+Shift+F searches in a shell's output. */
export const isFind = (press: KeyPress): boolean => isCommand(press) && press.shiftKey && letter(press) === "f";

/** Ctrl+K opens the command palette; in a shell, where that erases to the end of the line, Ctrl+Shift+K. */
export const isPalette = (press: KeyPress): boolean => isCommand(press) && !press.shiftKey && letter(press) === "k";
export const isPaletteInShell = (press: KeyPress): boolean => isCommand(press) && press.shiftKey && letter(press) === "k";

/** Alt+1 to Alt+9: a place in a row, from 0; `null` for any other key. */
export function placeOf({ code, ctrlKey, metaKey, shiftKey, altKey }: KeyPress): number | null {
  const digit = /^Digit([1-9])$/.exec(code)?.[1];
  return digit && altKey && !ctrlKey && !metaKey && !shiftKey ? Number(digit) - 1 : null;
}

/** Ctrl, Alt and Shift and nothing else: a desktop's panel. With Shift held, a browser may call Alt Meta. */
export const isDesktopPanel = ({ key, ctrlKey, shiftKey, altKey }: KeyPress): boolean => ctrlKey && shiftKey && altKey && ["Control", "Shift", "Alt", "Meta"].includes(key);

/** How a key is called here: "Ctrl+K", and "⌘K" on a Mac. */
export function keyName(key: string, platform: string, shift = false): string {
  const onMac = /^Mac/.test(platform);
  if (shift) return onMac ? keys.commandShift(key) : keys.ctrlShift(key);
  return onMac ? keys.command(key) : keys.ctrl(key);
}

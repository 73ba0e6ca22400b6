/** Keys by their X11 keysyms, the combinations of the key menu, and the one that leads out of a desktop. Pure. */
import { desktop } from "@/texts/desktop";

const KEYSYMS = {
  Ctrl: 0xffe3,
  CtrlRight: 0xffe4,
  Alt: 0xffe9,
  AltRight: 0xffea,
  Shift: 0xffe1,
  ShiftRight: 0xffe2,
  Super: 0xffeb,
  Meta: 0xffe7,
  MetaRight: 0xffe8,
  Delete: 0xffff,
  Insert: 0xff63,
  Tab: 0xff09,
  Escape: 0xff1b,
  Return: 0xff0d,
  Print: 0xff61,
  F1: 0xffbe,
} as const;

export interface Combination {
  label: string;
  /** Pressed in this order, released in the other. */
  keysyms: number[];
}

const { Ctrl, Alt, Delete, Tab, Super, Escape, Print, F1 } = KEYSYMS;
const { combinations } = desktop;

/** What the browser or the system keeps for itself. */
export const COMBINATIONS: Combination[] = [
  { label: combinations.ctrlAltDel, keysyms: [Ctrl, Alt, Delete] },
  { label: combinations.altTab, keysyms: [Alt, Tab] },
  { label: combinations.super, keysyms: [Super] },
  { label: combinations.ctrlEsc, keysyms: [Ctrl, Escape] },
  { label: combinations.print, keysyms: [Print] },
];

export const FUNCTION_KEYS: Combination[] = Array.from({ length: 12 }, (_, index) => ({ label: combinations.f(index + 1), keysyms: [F1 + index] }));

const SIDES: readonly (readonly number[])[] = [
  [KEYSYMS.Ctrl, KEYSYMS.CtrlRight],
  [KEYSYMS.Alt, KEYSYMS.AltRight, KEYSYMS.Meta, KEYSYMS.MetaRight],
  [KEYSYMS.Shift, KEYSYMS.ShiftRight],
];

/** Ctrl, Alt and Shift, and nothing else: the panel. With Shift held, a browser may call Alt Meta. */
export const isPanel = (pressed: readonly number[]): boolean =>
  pressed.length === SIDES.length && SIDES.every((side) => pressed.some((keysym) => side.includes(keysym)));

const CONTROLS: Record<string, number> = { "\n": KEYSYMS.Return, "\r": KEYSYMS.Return, "\t": KEYSYMS.Tab };
/** Behind Latin-1, a character's keysym is its code point and this. */
const BEYOND_LATIN = 0x0100_0000;

/** A key for each character. */
export function keysymsOf(text: string): number[] {
  return [...text.replaceAll("\r\n", "\n")].flatMap((character) => {
    const point = character.codePointAt(0) ?? 0;
    const control = CONTROLS[character];
    if (control !== undefined) return [control];
    if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return [];
    return [point < 0x100 ? point : BEYOND_LATIN + point];
  });
}

const isV = (keysym: number): boolean => keysym === 0x76 || keysym === 0x56;
const holds = (pressed: readonly number[], ...keysyms: number[]): boolean => keysyms.some((keysym) => pressed.includes(keysym));

/** Ctrl+V, Cmd+V or Shift+Insert: the browser then tells what is on the clipboard, without being asked for it. */
export function isPaste(keysym: number, pressed: readonly number[]): boolean {
  if (holds(pressed, KEYSYMS.Alt, KEYSYMS.AltRight)) return false;
  if (isV(keysym)) return holds(pressed, KEYSYMS.Ctrl, KEYSYMS.CtrlRight, KEYSYMS.Super, KEYSYMS.Meta, KEYSYMS.MetaRight);
  return keysym === KEYSYMS.Insert && holds(pressed, KEYSYMS.Shift, KEYSYMS.ShiftRight);
}

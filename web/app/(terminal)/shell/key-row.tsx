"use client";
/** Below a shell on a phone: the keys that its keyboard has not. Ctrl and Alt stay pressed until the next character. */
import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp } from "lucide-react";
import { useState, type ReactNode } from "react";
import { NO_MODIFIERS, type Modifiers, type SpecialKey } from "@/lib/terminal/sticky";
import { keys } from "@/texts/keys";
import { shell } from "@/texts/shell";
import { cx } from "@/ui/cx";
import type { ShellDisplay } from "./display";

interface KeyProps {
  label: string;
  /** Of a key that stays pressed, whether it is. */
  pressed?: boolean;
  onPress: () => void;
  children?: ReactNode;
}

function Key({ label, pressed, onPress, children }: KeyProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={pressed}
      // The terminal keeps the focus, and with it the phone's keyboard stays.
      onMouseDown={(event) => event.preventDefault()}
      onClick={onPress}
      className={cx(
        "grid h-9 touch-manipulation place-items-center rounded-md border text-[13px] font-medium select-none active:bg-hover",
        pressed ? "border-transparent bg-accent text-accent-ink" : "border-line bg-surface text-ink",
      )}
    >
      {children ?? label}
    </button>
  );
}

export function KeyRow({ display }: { display: ShellDisplay }) {
  const [held, setHeld] = useState(NO_MODIFIERS);
  const hold = (wanted: Modifiers) => {
    setHeld(wanted);
    display.hold(wanted, () => setHeld(NO_MODIFIERS));
  };
  const special = (key: SpecialKey) => () => display.press(key);
  const text = (character: string) => <Key label={character} onPress={() => display.type(character)} />;
  const icon = "size-4";
  return (
    <div role="group" aria-label={shell.keysLabel} className="hidden shrink-0 grid-cols-7 gap-1 border-t border-line bg-canvas p-1 max-sm:grid pointer-coarse:grid">
      <Key label={keys.names.Esc} onPress={special("Esc")} />
      {text("/")}
      {text("|")}
      {text("-")}
      <Key label={keys.names.Up} onPress={special("Up")}><ArrowUp className={icon} aria-hidden /></Key>
      {text("~")}
      <Key label={keys.names.PgUp} onPress={special("PgUp")} />
      <Key label={keys.names.Tab} onPress={special("Tab")} />
      <Key label={keys.names.Ctrl} pressed={held.ctrl} onPress={() => hold({ ...held, ctrl: !held.ctrl })} />
      <Key label={keys.names.Alt} pressed={held.alt} onPress={() => hold({ ...held, alt: !held.alt })} />
      <Key label={keys.names.Left} onPress={special("Left")}><ArrowLeft className={icon} aria-hidden /></Key>
      <Key label={keys.names.Down} onPress={special("Down")}><ArrowDown className={icon} aria-hidden /></Key>
      <Key label={keys.names.Right} onPress={special("Right")}><ArrowRight className={icon} aria-hidden /></Key>
      <Key label={keys.names.PgDn} onPress={special("PgDn")} />
    </div>
  );
}

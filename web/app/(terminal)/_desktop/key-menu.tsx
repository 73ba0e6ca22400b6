"use client";
/** Keys that the browser or the system would take for itself. */
import { Command } from "lucide-react";
import { COMBINATIONS, FUNCTION_KEYS } from "@/lib/desktop/keysyms";
import { desktop } from "@/texts/desktop";
import { IconButton } from "@/ui/button";
import { Menu } from "@/ui/menu";

interface Props {
  onSend: (keysyms: readonly number[]) => void;
  /** The menu is gone: the desktop takes the keys again. */
  onDone: () => void;
}

export function KeyMenu({ onSend, onDone }: Props) {
  return (
    <Menu
      label={desktop.keys}
      returnFocus={onDone}
      trigger={<IconButton label={desktop.keys}><Command className="size-4" aria-hidden /></IconButton>}
      items={[...COMBINATIONS, ...FUNCTION_KEYS].map(({ label, keysyms }) => ({ label, onSelect: () => onSend(keysyms) }))}
    />
  );
}

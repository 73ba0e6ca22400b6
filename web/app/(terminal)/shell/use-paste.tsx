"use client";
/** What is pasted passes here before the terminal gets it: too much is refused, several lines are asked about. */
import type { Terminal } from "@xterm/xterm";
import { useEffect, useEffectEvent, useState, type RefObject } from "react";
import { bytes } from "@/lib/format";
import { decide, MAX_PASTE_BYTES, withoutEndMark } from "@/lib/terminal/paste";
import { shell } from "@/texts/shell";
import { useToast } from "@/ui/toast";

export interface Paste {
  /** The text that is asked about. */
  asked: string | null;
  paste: (text: string) => void;
  cancel: () => void;
}

export function usePaste(box: RefObject<HTMLElement | null>, terminal: Terminal | null, asks: boolean): Paste {
  const say = useToast();
  const [asked, setAsked] = useState<string | null>(null);

  const pasted = useEffectEvent((event: ClipboardEvent) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (terminal === null || text === "") return;
    event.preventDefault();
    event.stopPropagation();
    // It takes no input now, as when one watches.
    if (terminal.options.disableStdin) return;
    const { bracketedPasteMode: bracketed } = terminal.modes;
    const decision = decide(text, { bracketed, asks });
    if (decision === "ask") return setAsked(text);
    if (decision === "paste") return terminal.paste(bracketed ? withoutEndMark(text) : text);
    const size = bytes(new Blob([text]).size);
    say(shell.notPasted(size, bytes(MAX_PASTE_BYTES)), { bad: true });
  });
  useEffect(() => {
    const element = box.current;
    const listener = (event: ClipboardEvent) => pasted(event);
    element?.addEventListener("paste", listener, true);
    return () => element?.removeEventListener("paste", listener, true);
  }, [box]);

  return {
    asked,
    paste: (text) => {
      setAsked(null);
      terminal?.paste(terminal.modes.bracketedPasteMode ? withoutEndMark(text) : text);
    },
    cancel: () => setAsked(null),
  };
}

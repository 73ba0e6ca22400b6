"use client";
import { useEffect, useEffectEvent } from "react";
import type { KeyPress } from "@/lib/shortcuts";

/** Does something at a key before anything on the page gets it; while a dialog asks something, the key does nothing. */
export function useShortcut(is: (press: KeyPress) => boolean, act: (press: KeyPress) => void): void {
  const pressed = useEffectEvent((event: KeyboardEvent) => {
    if (!is(event)) return;
    event.preventDefault();
    event.stopPropagation();
    if (document.querySelector('[role="dialog"]') === null) act(event);
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => pressed(event);
    window.addEventListener("keydown", listener, true);
    return () => window.removeEventListener("keydown", listener, true);
  }, []);
}

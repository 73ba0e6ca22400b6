"use client";
import { useSyncExternalStore } from "react";

interface KeyboardLock {
  keyboard?: { lock?: (keys: string[]) => Promise<void> };
}

function subscribe(changed: () => void): () => void {
  document.addEventListener("fullscreenchange", changed);
  return () => document.removeEventListener("fullscreenchange", changed);
}

async function enter(): Promise<void> {
  // All of the page: dialogs and menus stand beside what one would take for the shell.
  await document.documentElement.requestFullscreen();
  // Esc belongs to the target; where a browser agrees, it leaves the full screen only when it is held.
  await (navigator as Navigator & KeyboardLock).keyboard?.lock?.(["Escape"]);
}

/** Whether the page fills the screen, and how to change that; `toggle` is `null` where it cannot. */
export function useFullScreen(): { full: boolean; toggle: (() => void) | null } {
  const full = useSyncExternalStore(subscribe, () => document.fullscreenElement !== null, () => false);
  const toggle = () => void (full ? document.exitFullscreen() : enter()).catch(() => undefined);
  return { full, toggle: document.fullscreenEnabled ? toggle : null };
}

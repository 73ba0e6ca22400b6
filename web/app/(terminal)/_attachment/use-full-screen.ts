"use client";
import { useSyncExternalStore } from "react";

interface KeyboardLock {
  keyboard?: { lock?: (keys?: string[]) => Promise<void> };
}

function subscribe(changed: () => void): () => void {
  document.addEventListener("fullscreenchange", changed);
  return () => document.removeEventListener("fullscreenchange", changed);
}

async function enter(keys: string[]): Promise<void> {
  // All of the page: dialogs and menus stand beside what one would take for the session.
  await document.documentElement.requestFullscreen();
  // These belong to the target; where a browser agrees, Esc leaves the full screen only when it is held.
  const { keyboard } = navigator as Navigator & KeyboardLock;
  await (keys.length === 0 ? keyboard?.lock?.() : keyboard?.lock?.(keys));
}

/**
 * Whether the page fills the screen, and how to change that; `toggle` is `null` where it cannot. `keys` are those that it
 * then takes from the browser, none for all of them.
 */
export function useFullScreen(keys: string[]): { full: boolean; toggle: (() => void) | null } {
  const full = useSyncExternalStore(subscribe, () => document.fullscreenElement !== null, () => false);
  const toggle = () => void (full ? document.exitFullscreen() : enter(keys)).catch(() => undefined);
  return { full, toggle: document.fullscreenEnabled ? toggle : null };
}

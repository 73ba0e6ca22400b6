/** How somebody likes their desktops: kept in this browser. Values from there are checked like any other input. */

export const TOUCHES = ["screen", "pad"] as const;
/** What a finger does: it touches the place itself, or moves the pointer like a finger on a touchpad. */
export type Touch = (typeof TOUCHES)[number];

const KEY = "openpam.desktop.touch";

export function loadTouch(): Touch {
  try {
    const kept = localStorage.getItem(KEY);
    return TOUCHES.find((known) => known === kept) ?? "screen";
  } catch {
    return "screen";
  }
}

export function saveTouch(touch: Touch): Touch {
  try {
    localStorage.setItem(KEY, touch);
  } catch {
    // A browser that keeps nothing: it holds for this page.
  }
  return touch;
}

/** How somebody likes their desktops: kept in this browser. Values from there are checked like any other input. */

import { QUALITIES, type Quality } from "./quality";

export const TOUCHES = ["screen", "pad"] as const;
/** What a finger does: it touches the place itself, or moves the pointer like a finger on a touchpad. */
export type Touch = (typeof TOUCHES)[number];

const TOUCH = "openpam.desktop.touch";
const QUALITY = "openpam.desktop.quality";

function load<T extends string>(key: string, known: readonly T[], usual: T): T {
  try {
    const kept = localStorage.getItem(key);
    return known.find((one) => one === kept) ?? usual;
  } catch {
    return usual;
  }
}

function save<T extends string>(key: string, wanted: T): T {
  try {
    localStorage.setItem(key, wanted);
  } catch {
    // A browser that keeps nothing: it holds for this page.
  }
  return wanted;
}

export const loadTouch = (): Touch => load(TOUCH, TOUCHES, "screen");
export const saveTouch = (touch: Touch): Touch => save(TOUCH, touch);
export const loadQuality = (): Quality => load(QUALITY, QUALITIES, "auto");
export const saveQuality = (quality: Quality): Quality => save(QUALITY, quality);

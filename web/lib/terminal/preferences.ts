/** How somebody likes their terminals: kept in this browser. Values from there are checked like any other input. */
import { COLOURS, type Colours } from "./colours";

export interface TerminalPreferences {
  fontSize: number;
  /** Keeps the text in a list that screen readers read, and has new output spoken. */
  screenReader: boolean;
  /** On a long way to the target, typed characters are shown before their echo. */
  predictions: boolean;
  /** Before several lines are pasted where each of them would run at once. */
  asksBeforePaste: boolean;
  colours: Colours;
}

export const SMALLEST_FONT = 9;
export const LARGEST_FONT = 28;
export const DEFAULT_PREFERENCES: TerminalPreferences = { fontSize: 14, screenReader: false, predictions: true, asksBeforePaste: true, colours: "page" };

const KEY = "openpam.terminal";

const bounded = (size: number): number => Math.min(LARGEST_FONT, Math.max(SMALLEST_FONT, Math.round(size)));

export function readPreferences(text: string | null): TerminalPreferences {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? "null");
  } catch {
    return DEFAULT_PREFERENCES;
  }
  if (typeof stored !== "object" || stored === null) return DEFAULT_PREFERENCES;
  const { fontSize, screenReader, predictions, asksBeforePaste, colours } = stored as Record<string, unknown>;
  return {
    fontSize: typeof fontSize === "number" && Number.isFinite(fontSize) ? bounded(fontSize) : DEFAULT_PREFERENCES.fontSize,
    screenReader: screenReader === true,
    predictions: predictions !== false,
    asksBeforePaste: asksBeforePaste !== false,
    colours: COLOURS.find((known) => known === colours) ?? DEFAULT_PREFERENCES.colours,
  };
}

export function loadPreferences(): TerminalPreferences {
  try {
    return readPreferences(localStorage.getItem(KEY));
  } catch {
    return DEFAULT_PREFERENCES;
  }
}

export function savePreferences(preferences: TerminalPreferences): TerminalPreferences {
  const kept = { ...preferences, fontSize: bounded(preferences.fontSize) };
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing: it holds for this page.
  }
  return kept;
}

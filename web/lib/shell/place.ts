/**
 * Where a page was in its session's streams, kept for the next load of the same tab: offsets, never what was typed. So a
 * reload can show where it came back, and say how much of what was typed did not arrive.
 */

export interface Place {
  session: string;
  /** Output before this was on the screen. */
  output: number;
  /** Input up to this was typed. */
  input: number;
}

const KEY = "openpam.place";

const isOffset = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

/** The place in this session, if that is what was kept. */
export function readPlace(text: string | null, session: string | null): Place | null {
  let kept: unknown;
  try {
    kept = JSON.parse(text ?? "null");
  } catch {
    return null;
  }
  if (typeof kept !== "object" || kept === null || session === null) return null;
  const { session: of, output, input } = kept as Record<string, unknown>;
  return of === session && isOffset(output) && isOffset(input) ? { session, output, input } : null;
}

export function loadPlace(session: string | null): Place | null {
  try {
    return readPlace(sessionStorage.getItem(KEY), session);
  } catch {
    return null;
  }
}

export function keepPlace(place: Place | null): void {
  try {
    if (place === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify(place));
  } catch {
    // A browser that keeps nothing: the page comes back without knowing where it was.
  }
}

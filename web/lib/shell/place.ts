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

/** One for each session: several may be side by side. */
const key = (session: string): string => `openpam.place.${session}`;

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
    return session === null ? null : readPlace(sessionStorage.getItem(key(session)), session);
  } catch {
    return null;
  }
}

/** `null` forgets where this session was. */
export function keepPlace(session: string, place: Place | null): void {
  try {
    if (place === null) sessionStorage.removeItem(key(session));
    else sessionStorage.setItem(key(session), JSON.stringify(place));
  } catch {
    // A browser that keeps nothing: the page comes back without knowing where it was.
  }
}

/**
 * Reads asciicast v2 line by line as its text arrives: a header, then one event per line. A recording is what a target
 * printed, so nothing in it is trusted: sizes and times are bounded, a line that makes no sense is counted and left out.
 */
import { Unplayable } from "@/lib/playback/unplayable";
import { player } from "@/texts/player";

/** A terminal larger than this is no terminal. */
export const MAX_CELLS = 1000;
/** A line longer than this is dropped. The longest that the recorder writes has some 50 KiB. */
export const MAX_LINE_CHARACTERS = 1024 * 1024;
/** Four weeks: no session is longer, and a bar over more would show nothing. */
export const MAX_TIME_MS = 28 * 86_400_000;

export interface CastHeader {
  cols: number;
  rows: number;
  title: string | null;
}

export type CastEvent =
  | { type: "output"; atMs: number; text: string }
  | { type: "resize"; atMs: number; cols: number; rows: number };

export class NoCast extends Unplayable {}

const cells = (value: unknown): number | null =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_CELLS ? value : null;

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

export function parseHeader(line: string): CastHeader {
  const value = json(line);
  if (typeof value !== "object" || value === null) throw new NoCast(player.noHeader);
  const { version, width, height, title } = value as Record<string, unknown>;
  if (version !== 2) throw new NoCast(player.unknownVersion(String(version).slice(0, 20)));
  // A size that cannot be is no reason to show nothing.
  return { cols: cells(width) ?? 80, rows: cells(height) ?? 24, title: typeof title === "string" ? title.slice(0, 200) : null };
}

/** `null` for what is no event, or one that does not show (input, markers). */
export function parseEvent(line: string): CastEvent | null {
  const value = json(line);
  if (!Array.isArray(value)) return null;
  const [seconds, code, data] = value as unknown[];
  if (typeof seconds !== "number" || !Number.isFinite(seconds) || seconds < 0 || typeof data !== "string") return null;
  const atMs = Math.min(MAX_TIME_MS, seconds * 1000);
  if (code === "o") return { type: "output", atMs, text: data };
  if (code !== "r") return null;
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(data) ?? [];
  const [cols, rows] = [cells(Number(width)), cells(Number(height))];
  return cols !== null && rows !== null ? { type: "resize", atMs, cols, rows } : null;
}

/** Whether a line is an event that just does not show. */
function isSilent(line: string): boolean {
  const value = json(line);
  return Array.isArray(value) && typeof value[0] === "number" && (value[1] === "i" || value[1] === "m");
}

export class CastParser {
  header: CastHeader | null = null;
  /** Lines that made no sense. */
  bad = 0;
  #rest = "";
  /** The line is too long and ignored up to its end. */
  #skipping = false;
  #lastMs = 0;

  /** Events that the text completes; times never go back. Throws `NoCast` where there is no header. */
  push(text: string): CastEvent[] {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    const events = lines.flatMap((line) => this.#line(line));
    if (this.#rest.length > MAX_LINE_CHARACTERS) {
      this.#rest = "";
      this.#skip();
    }
    return events;
  }

  /** The text is at its end. A last line without a line break counts if it is whole. */
  finish(): CastEvent[] {
    const rest = this.#rest;
    this.#rest = "";
    const events = rest === "" ? [] : this.#line(rest);
    if (this.header === null) throw new NoCast(player.empty);
    return events;
  }

  #skip(): void {
    if (this.header === null) throw new NoCast(player.headerTooLong);
    if (!this.#skipping) this.bad += 1;
    this.#skipping = true;
  }

  #line(line: string): CastEvent[] {
    if (this.#skipping) {
      this.#skipping = false;
      return [];
    }
    const trimmed = line.trim();
    if (trimmed === "") return [];
    if (this.header === null) {
      this.header = parseHeader(trimmed);
      return [];
    }
    const event = parseEvent(trimmed);
    if (event === null) {
      if (!isSilent(trimmed)) this.bad += 1;
      return [];
    }
    event.atMs = Math.max(event.atMs, this.#lastMs);
    this.#lastMs = event.atMs;
    return [event];
  }
}

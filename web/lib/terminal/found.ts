/** What a search found, in words. */
import { output } from "@/texts/output";

/** More are not counted: to mark them all would take too long. */
export const MOST_FOUND = 1000;

export interface Found {
  /** The one that is shown, from 0; -1 where there is none, or one past those that were counted. */
  index: number;
  count: number;
}

export function foundWords({ index, count }: Found): string {
  if (count === 0) return output.noMatch;
  const all = count < MOST_FOUND ? String(count) : output.matchesOrMore(MOST_FOUND);
  return index < 0 ? all : output.match(index + 1, all);
}

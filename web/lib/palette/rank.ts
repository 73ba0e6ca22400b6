/** The entries that a search finds, the best first. Each of its words must be found, in the name or in what else is said. Pure. */
import type { Entry } from "./entries";
import { match } from "./match";

export interface Ranked {
  entry: Entry;
  /** Which characters of its name were found. */
  at: number[];
}

/** A name says more than what else is said, where only whole pieces count: in long text all letters are somewhere. */
const IN_NAME = 12;
const ELSEWHERE = 4;

function found(entry: Entry, words: string[]): { score: number; at: number[] } | null {
  let score = 0;
  const at = new Set<number>();
  for (const word of words) {
    const named = match(word, entry.name);
    if (named) {
      score += IN_NAME + named.score;
      named.at.forEach((place) => at.add(place));
    } else if (entry.about.toLowerCase().includes(word.toLowerCase())) score += ELSEWHERE;
    else return null;
  }
  return { score, at: [...at] };
}

/** Without a search all of them, as they are given. */
export function rank(entries: Entry[], search: string): Ranked[] {
  const words = search.split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return entries.map((entry) => ({ entry, at: [] }));
  return entries
    .flatMap((entry, index) => {
      const how = found(entry, words);
      return how ? [{ entry, index, ...how }] : [];
    })
    .sort((one, other) => other.score - one.score || one.entry.name.length - other.entry.name.length || one.index - other.index)
    .map(({ entry, at }) => ({ entry, at }));
}

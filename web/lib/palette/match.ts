/**
 * Whether the letters of a search stand in a text in their order, and how well: whole words and their beginnings count
 * more than letters from here and there. The best of all ways to find them is taken. Pure.
 */

export interface Match {
  score: number;
  /** Which characters of the text were found, in order. */
  at: number[];
}

const LETTER = 1;
const NEXT_TO_IT = 8;
const WORD_BEGINS = 7;
const TEXT_BEGINS = 10;
const GAP = -2;

/** Without accents and case, so that "Zurich" finds "ZÜRICH". */
const plain = (character: string): string => (character < "\x80" ? character : (character.normalize("NFD")[0] ?? "")).toLowerCase();

/** Letters and digits make words, each of their own. */
const kind = (character: string): "letter" | "digit" | "other" => (/\p{L}/u.test(character) ? "letter" : /\p{N}/u.test(character) ? "digit" : "other");

/** What a letter is worth where it stands: "press-4" has words at "p" and "4", "plantSeven" at "p" and "S". */
function worth(text: string[], at: number): number {
  const [before, here] = [text[at - 1], text[at] ?? ""];
  if (before === undefined) return LETTER + TEXT_BEGINS;
  const hump = /\p{Lu}/u.test(here) && /\p{Ll}/u.test(before);
  const begins = kind(here) !== "other" && (kind(before) !== kind(here) || hump);
  return begins ? LETTER + WORD_BEGINS : LETTER;
}

/** Whether they stand there in their order at all: most texts do not have them, and are done with. */
function isIn(wanted: string[], found: string[]): boolean {
  let next = 0;
  for (const character of found) if (character === wanted[next]) next += 1;
  return next >= wanted.length;
}

export function match(search: string, text: string): Match | null {
  const wanted = [...search].map(plain);
  const characters = [...text];
  const found = characters.map(plain);
  if (wanted.length === 0) return { score: 0, at: [] };
  if (!isIn(wanted, found)) return null;
  const worths = characters.map((_, at) => worth(characters, at));
  // For each place the best score of the letters so far that ends there, and for each letter where the one before it was.
  let scores = found.map(() => 0);
  const before: number[][] = [];
  for (const [index, letter] of wanted.entries()) {
    const next: number[] = [];
    const from: number[] = [];
    let best = -Infinity;
    let bestAt = -1;
    for (const [at, character] of found.entries()) {
      const beside = index === 0 ? 0 : (scores[at - 1] ?? -Infinity) + NEXT_TO_IT;
      const apart = index === 0 ? 0 : best + GAP;
      next.push(character === letter ? Math.max(beside, apart) + (worths[at] ?? 0) : -Infinity);
      from.push(beside >= apart ? at - 1 : bestAt);
      const passed = scores[at - 1] ?? -Infinity;
      if (passed > best) [best, bestAt] = [passed, at - 1];
    }
    scores = next;
    before.push(from);
  }
  const score = Math.max(...scores);
  const at = [scores.indexOf(score)];
  for (const from of before.slice(1).toReversed()) at.unshift(from[at[0] ?? 0] ?? 0);
  return { score, at };
}

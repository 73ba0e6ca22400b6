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
const plain = (character: string): string => (character.normalize("NFD")[0] ?? "").toLowerCase();

const kind = (character: string): "letter" | "digit" | "other" => (/\p{L}/u.test(character) ? "letter" : /\p{N}/u.test(character) ? "digit" : "other");

/** What a letter is worth where it stands: "press-4" has words at "p" and "4", "plantSeven" at "p" and "S". */
function worth(text: string[], at: number): number {
  const [before, here] = [text[at - 1], text[at] ?? ""];
  if (before === undefined) return LETTER + TEXT_BEGINS;
  const hump = /\p{Lu}/u.test(here) && /\p{Ll}/u.test(before);
  const begins = kind(here) !== "other" && (kind(before) !== kind(here) || hump);
  return begins ? LETTER + WORD_BEGINS : LETTER;
}

interface Way {
  score: number;
  at: number;
  before: Way | null;
}

function places(way: Way | null): number[] {
  const at: number[] = [];
  for (let step = way; step !== null; step = step.before) at.unshift(step.at);
  return at;
}

export function match(search: string, text: string): Match | null {
  const wanted = [...search].map(plain);
  const characters = [...text];
  const found = characters.map(plain);
  if (wanted.length === 0) return { score: 0, at: [] };
  // For each place the best way to the letters so far that ends there.
  let ways: (Way | null)[] = [];
  for (const [index, letter] of wanted.entries()) {
    let best: Way | null = null;
    const next: (Way | null)[] = [];
    for (const [at, character] of found.entries()) {
      const beside = ways[at - 1] ?? null;
      let before: Way | null = beside && { ...beside, score: beside.score + NEXT_TO_IT };
      if (best && best.score + GAP > (before?.score ?? -Infinity)) before = { ...best, score: best.score + GAP };
      const fits = character === letter && (index === 0 || before !== null);
      next.push(fits ? { score: (index === 0 ? 0 : (before?.score ?? 0)) + worth(characters, at), at, before: index === 0 ? null : before } : null);
      if (beside && beside.score > (best?.score ?? -Infinity)) best = beside;
    }
    ways = next;
  }
  const end = ways.reduce((best, way) => (way && way.score > (best?.score ?? -Infinity) ? way : best), null);
  return end && { score: end.score, at: places(end) };
}

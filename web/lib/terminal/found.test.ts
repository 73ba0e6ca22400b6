import { expect, it } from "vitest";
import { foundWords, MOST_FOUND } from "./found";

it.each([
  [{ index: -1, count: 0 }, "No match"],
  [{ index: 2, count: 17 }, "3 of 17"],
  [{ index: -1, count: 17 }, "17"],
  [{ index: 0, count: MOST_FOUND }, "1 of 1000 or more"],
  [{ index: -1, count: MOST_FOUND }, "1000 or more"],
])("%o: %s", (found, words) => {
  expect(foundWords(found)).toBe(words);
});

import { expect, it } from "vitest";
import { endedWords } from "./endings";

it.each([
  [0, 0, "No session was running."],
  [1, 0, "1 session is ended."],
  [3, 0, "3 sessions are ended."],
  [2, 1, "2 sessions are ended; 1 session at a site that does not answer goes on."],
  [0, 2, "No session could be ended; 2 sessions at a site that does not answer go on."],
])("%d ended, %d out of reach", (ended, unreachable, words) => {
  expect(endedWords({ ended, unreachable })).toBe(words);
});

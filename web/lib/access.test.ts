import { describe, expect, it } from "vitest";
import { clockTime } from "./format";
import { decisionWords, differ, standsWords } from "./access";

const NOW = new Date(Date.UTC(2026, 10, 28, 12));
const LATER = new Date(NOW.getTime() + 3_600_000).toISOString();
const time = clockTime(LATER, NOW);

describe("a decision in words", () => {
  it.each([
    [{ allowed: true }, "Without an end."],
    [{ allowed: true, ends_at: LATER }, `Until ${time}.`],
    [{ allowed: false, reason: "not_granted" as const }, "No grant covers this person and this target."],
    [{ allowed: false, reason: "outside_window" as const }, "No grant for it holds at this time."],
    [{ allowed: false, reason: "outside_window" as const, opens_at: LATER }, `No grant for it holds at this time; one does from ${time} on.`],
    [{ allowed: false, reason: "hub_away" as const }, "No grant for it lasts this long without the hub."],
  ])("%j", (decision, words) => expect(decisionWords(decision, NOW)).toBe(words));
});

it("hub and site differ in what they decide, not in how long they know it", () => {
  const yes = { allowed: true };
  expect(differ(yes, { ...yes, ends_at: LATER })).toBe(false);
  expect(differ(yes, { allowed: false, reason: "hub_away" })).toBe(true);
  expect(differ({ allowed: false, reason: "not_granted" }, { allowed: false, reason: "user_disabled" })).toBe(true);
});

it("a grant says how it stands", () => {
  expect(standsWords({ state: "holds" }, NOW)).toBe("holds");
  expect(standsWords({ state: "holds", until: LATER }, NOW)).toBe(`holds until ${time}`);
  expect(standsWords({ state: "closed", opens_at: LATER }, NOW)).toBe(`holds from ${time} on`);
  expect(standsWords({ state: "closed" }, NOW)).toBe("holds never again");
  expect(standsWords({ state: "hub_away" }, NOW)).toBe("too long without the hub");
});

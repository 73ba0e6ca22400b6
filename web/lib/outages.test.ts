import { expect, it } from "vitest";
import { differencesWords, heldWords, lasted, newestWords, reason } from "./outages";

it("an outage says how long it lasted", () => {
  expect(lasted({ since: "2026-11-28T09:12:00Z", until: "2026-11-28T12:00:00Z" })).toBe("2 h 48 min");
});

it("its report says how much would have been decided differently", () => {
  const words = (sessions: number | null, difference_count: number) => differencesWords({ sessions, difference_count });
  expect([words(null, 0), words(3, 0), words(3, 1), words(9, 2)]).toEqual(["The report is being made", "Nothing", "1 decision", "2 decisions"]);
});

it("policies are numbered", () => {
  expect([heldWords(null), heldWords(418)]).toEqual(["none", "v418"]);
  expect(newestWords({ policy_version: 418, newest_version: 418 })).toBe("v418, the same");
  expect(newestWords({ policy_version: 418, newest_version: 420 })).toBe("v420");
});

it("a reason stands in the middle of a sentence, also one that this page does not know", () => {
  expect([reason("not_granted"), reason("brand_new")]).toEqual(["grant taken away", "brand_new"]);
});

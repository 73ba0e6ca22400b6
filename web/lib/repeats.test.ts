import { expect, it } from "vitest";
import { choiceOf, REPEATS, ruleOf } from "./repeats";

const MONDAY = "2026-03-02T08:00";

it("makes the rule of a choice, on the day that the window begins", () => {
  expect(REPEATS.map((choice) => ruleOf(choice, MONDAY, " FREQ=YEARLY "))).toEqual([
    null,
    "FREQ=DAILY",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "FREQ=WEEKLY;BYDAY=MO",
    "FREQ=MONTHLY;BYMONTHDAY=2",
    "FREQ=YEARLY",
  ]);
});

it("knows the choice again", () => {
  for (const choice of REPEATS) expect(choiceOf(ruleOf(choice, MONDAY, "FREQ=YEARLY"), MONDAY)).toBe(choice);
  expect(choiceOf("FREQ=WEEKLY;BYDAY=TU", MONDAY), "not the day that it begins").toBe("custom");
});

import { expect, it } from "vitest";
import { choiceOf, REPEATS, ruleOf, weekdaysOf } from "./repeats";

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

it("reads the weekdays of a rule, and leaves any other alone", () => {
  expect(weekdaysOf("FREQ=WEEKLY;BYDAY=TH,MO")).toEqual({ days: ["MO", "TH"], weeks: 1 });
  expect(weekdaysOf("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU")).toEqual({ days: ["SU"], weeks: 2 });
  for (const other of ["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO;COUNT=3", "FREQ=MONTHLY;BYDAY=1MO", "MO"]) expect(weekdaysOf(other), other).toBeNull();
});

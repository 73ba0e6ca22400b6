import { expect, it } from "vitest";
import { dayFrom, monthOf, onDay, partOn, weeksOf } from "./month";

const time = (day: number, hour: number): string => new Date(2026, 2, day, hour).toISOString();

it("a month has whole weeks from Monday on", () => {
  const weeks = weeksOf("2026-03");
  // March 2026 begins on a Sunday and ends on a Tuesday.
  expect(weeks.length).toBe(6);
  expect(weeks.every((week) => week.length === 7)).toBe(true);
  expect(weeks.flat().map(({ date }) => date).slice(5, 8)).toEqual(["2026-02-28", "2026-03-01", "2026-03-02"]);
  expect(weeks.flat().filter(({ inMonth }) => inMonth).length).toBe(31);
  // February 2027 begins on a Monday.
  expect(weeksOf("2027-02").length).toBe(4);
});

it("no moment lies between its days", () => {
  const days = weeksOf("2026-10").flat();
  expect(days.slice(1).every((day, index) => day.begins === days[index]?.ends)).toBe(true);
});

it("months follow each other over a year's end", () => {
  expect([-1, 0, 1].map((away) => monthOf(new Date(2026, 11, 31), away))).toEqual(["2026-11", "2026-12", "2027-01"]);
});

it("a window stands on each day that it touches", () => {
  const window = { start_time: time(2, 22), end_time: time(5, 0) };
  const days = weeksOf("2026-03").flat().filter((day) => onDay([window], day).length > 0);
  expect(days.map((day) => [day.date, partOn(window, day)])).toEqual([
    ["2026-03-02", "begins"],
    ["2026-03-03", "lasts"],
    ["2026-03-04", "lasts"],
  ]);
  const night = { start_time: time(2, 22), end_time: time(3, 6) };
  const third = weeksOf("2026-03").flat().find(({ date }) => date === "2026-03-03");
  expect(third && partOn(night, third)).toBe("ends");
});

it("keys lead from day to day, to a week's ends, and to other months", () => {
  expect(dayFrom("2026-03-01", "ArrowLeft")).toBe("2026-02-28");
  expect(dayFrom("2026-12-31", "ArrowRight")).toBe("2027-01-01");
  expect(dayFrom("2026-03-04", "ArrowUp")).toBe("2026-02-25");
  expect(dayFrom("2026-03-04", "ArrowDown")).toBe("2026-03-11");
  // A Wednesday.
  expect(dayFrom("2026-03-04", "Home")).toBe("2026-03-02");
  expect(dayFrom("2026-03-04", "End")).toBe("2026-03-08");
  expect(dayFrom("2026-03-31", "PageUp")).toBe("2026-02-28");
  expect(dayFrom("2026-01-31", "PageDown")).toBe("2026-02-28");
  expect(dayFrom("2026-12-15", "PageDown")).toBe("2027-01-15");
  expect(dayFrom("2026-03-04", "a")).toBeNull();
});

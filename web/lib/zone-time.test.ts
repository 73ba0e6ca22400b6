import { describe, expect, it } from "vitest";
import { dateIn, isDate, moment, onClocks, timeIn } from "./zone-time";

const at = (local: string, zone: string) => moment(local, zone)?.toISOString().slice(0, 16) ?? null;

describe("a time on a zone's clocks", () => {
  it.each([
    ["2026-03-02T08:00", "Europe/Berlin", "2026-03-02T07:00"],
    ["2026-07-02T08:00", "Europe/Berlin", "2026-07-02T06:00"],
    ["2026-03-02T08:00", "Asia/Kolkata", "2026-03-02T02:30"],
    ["2026-03-02T08:00", "America/New_York", "2026-03-02T13:00"],
    ["2026-03-02T08:00", "UTC", "2026-03-02T08:00"],
    // On the days of a change, before and after it.
    ["2026-03-29T01:30", "Europe/Berlin", "2026-03-29T00:30"],
    ["2026-03-29T03:30", "Europe/Berlin", "2026-03-29T01:30"],
    ["2026-10-25T01:30", "Europe/Berlin", "2026-10-24T23:30"],
    ["2026-10-25T03:30", "Europe/Berlin", "2026-10-25T02:30"],
    // Skipped, as the rule reads it; repeated, the first.
    ["2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:30"],
    ["2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30"],
  ])("%s in %s is %s UTC", (local, zone, utc) => {
    expect(at(local, zone)).toBe(utc);
  });

  it("is none without a time or a zone", () => {
    expect(at("", "UTC")).toBeNull();
    expect(at("2026-03-02T08:00", "Mars/Olympus")).toBeNull();
  });

  it("comes back from its moment", () => {
    expect(onClocks("2026-07-02T06:00:00Z", "Europe/Berlin")).toBe("2026-07-02T08:00");
    expect(onClocks("2026-07-02T06:00:00Z", "Mars/Olympus")).toBe("");
  });
});

it("a date is one that the calendar has", () => {
  expect(["2026-02-28", "2028-02-29"].map(isDate)).toEqual([true, true]);
  expect(["2026-02-31", "2026-13-01", "2026-2-3", "24.12.2026", ""].map(isDate)).toEqual([false, false, false, false, false]);
});

it("tells times and dates on a zone's clocks", () => {
  expect(timeIn("2026-03-02T20:30:00Z", "Asia/Kolkata")).toBe("Mar 3, 2026, 02:00");
  expect(dateIn("2026-03-02")).toBe("Mar 2, 2026");
});

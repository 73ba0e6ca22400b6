import { describe, expect, it } from "vitest";
import { bytes, clock, clockTime, duration, milliseconds, relative } from "./format";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const now = Date.UTC(2026, 0, 1);
const at = (ms: number) => new Date(now + ms).toISOString();

describe("a time in words", () => {
  it.each([
    [0, "just now"],
    [-9 * SECOND, "just now"],
    [-45 * SECOND, "45 s ago"],
    [5 * MINUTE, "in 5 min"],
    [-89 * MINUTE, "89 min ago"],
    [-3 * HOUR, "3 h ago"],
    [72 * HOUR, "in 3 days"],
  ])("%i ms from now: %s", (ms, text) => {
    expect(relative(at(ms), now)).toBe(text);
  });
});

describe("a length", () => {
  it.each([[0, "0:00"], [-5, "0:00"], [61_999, "1:01"], [HOUR + 2 * MINUTE + 3 * SECOND, "1:02:03"], [25 * HOUR, "25:00:00"]])("as a clock: %i", (ms, text) => {
    expect(clock(ms)).toBe(text);
  });

  it.each([[0, "0 s"], [59_400, "59 s"], [90 * SECOND, "2 min"], [2 * HOUR, "2 h"], [125 * MINUTE, "2 h 5 min"]])("in words: %i", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([[0.4, "<1 ms"], [3.14, "3.1 ms"], [42.4, "42 ms"]])("measured: %d", (ms, text) => {
    expect(milliseconds(ms)).toBe(text);
  });
});

describe("a size", () => {
  it.each([[0, "0 B"], [999, "999 B"], [1500, "1.5 kB"], [45_600, "46 kB"], [999_999, "1.0 MB"], [3.2e9, "3.2 GB"], [5e15, "5000 TB"]])("%d", (size, text) => {
    expect(bytes(size)).toBe(text);
  });
});

describe("a time on a clock", () => {
  it("leaves out the day if it is today", () => {
    const today = new Date(2026, 0, 1, 14, 32);
    expect(clockTime(today.toISOString(), new Date(2026, 0, 1, 9))).toBe("14:32");
    expect(clockTime(today.toISOString(), new Date(2026, 0, 2, 9))).toContain("Jan");
  });
});

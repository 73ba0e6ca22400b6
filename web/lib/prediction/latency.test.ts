import { expect, it } from "vitest";
import { OFF_BELOW_MS, ON_ABOVE_MS, RoundTrip } from "./latency";

const after = (...samples: number[]) => {
  const trip = new RoundTrip();
  for (const ms of samples) trip.measured(ms);
  return trip;
};
const times = (count: number, ms: number) => Array<number>(count).fill(ms);

it("nothing measured is near", () => expect(after().isLong).toBe(false));

it("between the two bounds it stays as it was", () => {
  const between = (ON_ABOVE_MS + OFF_BELOW_MS) / 2;
  expect(after(...times(20, between)).isLong).toBe(false);
  expect(after(...times(20, 300), ...times(50, between)).isLong).toBe(true);
  expect(after(...times(20, 300), ...times(50, 5)).isLong).toBe(false);
});

it("one slow key does not make a short way long for good", () => {
  expect(after(...times(20, 5), 60_000, ...times(20, 5)).isLong).toBe(false);
});

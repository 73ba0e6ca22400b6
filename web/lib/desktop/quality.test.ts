import { expect, it } from "vitest";
import { FIRST_WAIT_MS, LineJudge, LONGEST_WAIT_MS } from "./quality";

const EVERY_MS = 3000;

class Rig {
  readonly judge = new LineJudge();
  now = 1;

  measure(...round: number[]): this {
    for (const ms of round) {
      this.now += EVERY_MS;
      this.judge.measured(ms, this.now);
    }
    return this;
  }

  /** Fast until it counts as fast: after how long. */
  recovers(): number {
    const begun = this.now;
    while (this.judge.slow !== null) this.measure(20);
    return this.now - begun;
  }
}

const FAR = [400, 400, 400, 400, 400];

it("a line is slow by its usual round trip, not by one that took long", () => {
  expect(new Rig().measure(10, 10, 900, 10, 900, 10).judge.slow).toBeNull();
  expect(new Rig().measure(900, 900).judge.slow).toBeNull();
  expect(new Rig().measure(10, 350, 350, 400).judge.slow).toEqual({ cause: "slow", ms: 350 });
});

it("it is fast again only clearly below that, and after a while", () => {
  const rig = new Rig().measure(...FAR);
  expect(rig.measure(...Array.from({ length: 40 }, () => 250)).judge.slow).not.toBeNull();
  const took = new Rig().measure(...FAR).recovers();
  expect(took).toBeGreaterThanOrEqual(FIRST_WAIT_MS - EVERY_MS);
  expect(took).toBeLessThan(FIRST_WAIT_MS + 5 * EVERY_MS);
});

it("a picture that fell behind says so, too", () => {
  const rig = new Rig();
  rig.judge.fellBehind(rig.now);
  expect(rig.judge.slow).toEqual({ cause: "behind" });
  expect(rig.measure(20, 20, 20).judge.slow).toEqual({ cause: "behind" });
  rig.recovers();
  expect(rig.judge.slow).toBeNull();
});

it("one that comes back and falls behind again is believed later each time, up to a bound", () => {
  const rig = new Rig();
  const took = Array.from({ length: 7 }, () => {
    rig.judge.fellBehind(rig.now);
    return rig.recovers();
  });
  expect(took[1]).toBeGreaterThan(1.9 * FIRST_WAIT_MS);
  expect(took[2]).toBeGreaterThan(3.9 * FIRST_WAIT_MS);
  expect(Math.max(...took)).toBeLessThan(LONGEST_WAIT_MS + 5 * EVERY_MS);
  rig.now += 2 * LONGEST_WAIT_MS;
  rig.judge.fellBehind(rig.now);
  expect(rig.recovers(), "long ago is forgotten").toBeLessThan(FIRST_WAIT_MS + 5 * EVERY_MS);
});

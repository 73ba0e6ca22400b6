import { describe, expect, it } from "vitest";
import { clockTime } from "@/lib/format";
import { aloneWords, changeWords, hasStopped, isBehind, policyShort, policyWords } from "./policy";
import { at, away, HOUR_MS, NOW, satellite } from "./rig";

const clock = (ms: number) => clockTime(at(ms), new Date(NOW));
const behind = { policy_version: 418, newest_policy_at: at(-HOUR_MS) };

it("the policy that a site holds stands beside the newest", () => {
  expect([policyShort(satellite()), policyWords(satellite())]).toEqual(["v420", "v420, the newest"]);
  expect([policyShort(satellite(behind)), policyWords(satellite(behind))]).toEqual(["v418 of v420", "v418 of v420"]);
  const none = satellite({ policy_version: null });
  expect([policyShort(none), policyWords(none), isBehind(none)]).toEqual([null, "It holds none: it decides nothing alone", false]);
});

describe("a change that the site does not have", () => {
  it("is none where it has the newest", () => {
    expect(changeWords(satellite(), NOW)).toBeNull();
    expect(changeWords(away(), NOW)).toBeNull();
  });
  it("is on its way while the site is online", () => {
    expect(changeWords(satellite(behind), NOW)).toBe(`A change of ${clock(-HOUR_MS)} is on its way to this site.`);
  });
  it("holds at a site that is away when nothing goes on there any more", () => {
    expect(changeWords(away(behind), NOW)).toBe(`A change of ${clock(-HOUR_MS)} has not reached this site; it holds there at the latest from ${clock(21 * HOUR_MS)}.`);
    expect(changeWords(away({ ...behind, offline_until: at(-1) }), NOW)).toMatch(/where nothing goes on since/);
    expect(changeWords(away({ ...behind, offline_until: null }), NOW)).toBe(`A change of ${clock(-HOUR_MS)} has not reached this site.`);
  });
});

it("a site that is away says until when it goes on alone", () => {
  expect(aloneWords(satellite(), NOW)).toBeNull();
  expect(aloneWords(away(), NOW)).toBe(`goes on alone until ${clock(21 * HOUR_MS)}`);
  expect(aloneWords(away({ offline_until: at(-HOUR_MS) }), NOW)).toBe(`nothing goes on there since ${clock(-HOUR_MS)}`);
});

it("a site has stopped once nothing goes on there any more", () => {
  expect([satellite(), away(), away({ offline_until: null })].map((one) => hasStopped(one, NOW))).toEqual([false, false, false]);
  expect(hasStopped(away({ offline_until: at(-1) }), NOW)).toBe(true);
});

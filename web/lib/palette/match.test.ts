import { describe, expect, it } from "vitest";
import { match } from "./match";

const score = (search: string, text: string) => match(search, text)?.score ?? -Infinity;

describe("letters in a text", () => {
  it("are found in their order, and nowhere else", () => {
    expect(match("p4", "press-4")?.at).toEqual([0, 6]);
    expect(match("4p", "press-4")).toBeNull();
    expect(match("presss", "press")).toBeNull();
    expect(match("", "press")).toEqual({ score: 0, at: [] });
  });

  it("are found whatever their case and accents", () => {
    expect(match("zuRICH", "Zürich")?.at).toEqual([0, 1, 2, 3, 4, 5]);
    expect(match("ü", "Zurich")?.at).toEqual([1]);
  });

  it("are found the best way there is, not the first", () => {
    expect(match("db", "dead-db")?.at).toEqual([5, 6]);
    expect(match("sp", "shop-press")?.at).toEqual([0, 5]);
  });

  it("count by character, not by code unit", () => {
    expect(match("b", "😀b")?.at).toEqual([1]);
  });
});

describe("of two texts", () => {
  it.each([
    ["press", "press-4", "empress"],
    ["press", "press-4", "p-r-e-s-s"],
    ["pf", "press-four", "puff"],
    ["4", "press-4", "press-14"],
    ["ps", "plantSeven", "plants"],
    ["web", "eu-web", "elbe-war-bob"],
    ["se", "Sessions", "Zones"],
  ])("%s is rather %s than %s", (search, better, worse) => {
    expect(score(search, better)).toBeGreaterThan(score(search, worse));
  });
});

it("a long text takes no time to speak of", () => {
  const begun = performance.now();
  for (let turn = 0; turn < 100; turn += 1) match("aaaaaaaaaaaaaaaaaaaa", "ab".repeat(100));
  expect(performance.now() - begun).toBeLessThan(2000);
});

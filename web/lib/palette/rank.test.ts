import { describe, expect, it } from "vitest";
import type { Entry } from "./entries";
import { rank } from "./rank";

const entry = (name: string, about = ""): Entry => ({ kind: "target", id: name + about, name, about, href: "/" });
const names = (entries: Entry[], search: string) => rank(entries, search).map(({ entry: { name } }) => name);

const TARGETS = [entry("empress", "plant-1"), entry("press-14", "plant-7"), entry("press-4", "plant-7 · Hydraulics"), entry("web", "plant-9 · Press office")];

describe("entries", () => {
  it("stand as they are given without a search", () => {
    expect(names(TARGETS, "  ")).toEqual(["empress", "press-14", "press-4", "web"]);
  });

  it("are found by their names first, the best and shortest on top", () => {
    expect(names(TARGETS, "press")).toEqual(["press-4", "press-14", "empress", "web"]);
    expect(names(TARGETS, "p4")).toEqual(["press-4", "press-14"]);
  });

  it("are found by what else is said of them, in whole pieces", () => {
    expect(names(TARGETS, "hydra")).toEqual(["press-4"]);
    expect(names(TARGETS, "hdrl")).toEqual([]);
  });

  it("must have every word", () => {
    expect(names(TARGETS, "press plant-7")).toEqual(["press-4", "press-14"]);
    expect(names(TARGETS, "press nowhere")).toEqual([]);
  });

  it("say which letters of the name were found", () => {
    expect(rank(TARGETS, "4 pr")[0]?.at.toSorted()).toEqual([0, 1, 6]);
  });
});

import { describe, expect, it } from "vitest";
import { readPlace } from "./place";
import { OPENED, Rig } from "./rig";

const PLACE = { session: "s1", output: 120, input: 12 };

describe("a kept place", () => {
  it("is that of the same session alone", () => {
    expect(readPlace(JSON.stringify(PLACE), "s1")).toEqual(PLACE);
    expect(readPlace(JSON.stringify(PLACE), "s2")).toBeNull();
    expect(readPlace(JSON.stringify(PLACE), null)).toBeNull();
  });

  it.each([null, "", "{", "null", "7", '{"session":"s1"}', '{"session":"s1","output":-1,"input":0}', '{"session":"s1","output":"1","input":0}'])("is none where it is none: %s", (text) => {
    expect(readPlace(text, "s1")).toBeNull();
  });
});

describe("coming back after a reload", () => {
  const back = (opened: Partial<typeof OPENED>) =>
    new Rig().do({ type: "start", session: "s1", before: PLACE, cols: 80, rows: 24 }).open().say({ ...OPENED, ...opened });

  it("marks where the page was", () => {
    const rig = back({ output_offset: 100, output_end: 130, input_offset: 12 }).output(100, "x".repeat(30));
    const kinds = rig.effects.filter(({ type }) => type === "write" || type === "divider").map(({ type }) => type);
    expect(kinds).toEqual(["write", "divider", "write"]);
    expect(rig.written()).toEqual([["x".repeat(20), true], ["x".repeat(10), true]]);
    expect(rig.view.notice).toBeNull();
  });

  it.each([[120, 140], [60, 120]])("marks nothing where nothing is new or all of it is: %d to %d", (output_offset, output_end) => {
    const rig = back({ output_offset, output_end, input_offset: 12 }).output(output_offset, "x".repeat(output_end - output_offset));
    expect(rig.has("divider")).toBe(false);
  });

  it("says how much of what was typed did not arrive", () => {
    expect(back({ input_offset: 9 }).view.notice?.message).toContain("3 characters");
    expect(back({ input_offset: 11 }).view.notice?.message).toContain("One character");
    expect(back({ input_offset: 12 }).view.notice).toBeNull();
    expect(back({ input_offset: 40 }).view.notice).toBeNull();
  });

  it("knows its own place", () => {
    const rig = new Rig();
    expect(rig.machine.place).toBeNull();
    rig.attached({ output_offset: 7, output_end: 7, input_offset: 5 }).type("abc").output(7, "out");
    rig.do({ type: "consumed", offset: 9 });
    expect(rig.machine.place).toEqual({ session: "s1", output: 9, input: 8 });
  });
});

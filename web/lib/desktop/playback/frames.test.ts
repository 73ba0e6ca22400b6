import { describe, expect, it } from "vitest";
import { Frames, PART_CHARACTERS } from "./frames";

const frame = (atMs: number, text: string) => ({ atMs, text });

describe("the frames of a desktop", () => {
  it("are found by their time", () => {
    const frames = new Frames();
    frames.append([frame(0, "a"), frame(20, "b"), frame(20, "c"), frame(30, "d")]);
    expect([-1, 0, 19, 20, 29, 30, 99].map((ms) => frames.countUntil(ms))).toEqual([0, 1, 1, 3, 3, 4, 4]);
    expect([frames.durationMs, frames.timeAt(1), frames.timeAt(4), frames.endOf(0), frames.endOf(9)]).toEqual([30, 20, undefined, 0, 4]);
  });

  it("are read as they came, however they lie in parts, and while more come", async () => {
    const texts = Array.from({ length: 40 }, (_, index) => String.fromCharCode(65 + (index % 26)).repeat(PART_CHARACTERS / 7 + index) + (index % 5 === 0 ? "é😀" : ""));
    const frames = new Frames();
    let reading = Promise.resolve("");
    const same = (one: string, other: string) => one.length === other.length && one === other;
    for (const [index, text] of texts.entries()) {
      if (index === 20) reading = frames.read(0, 20);
      frames.append([frame(index, text)]);
    }
    expect(same(await reading, texts.slice(0, 20).join(""))).toBe(true);
    for (const [from, until] of [[0, 0], [0, 1], [3, 4], [5, 12], [0, 40], [38, 40], [39, 40], [12, 13], [0, 2]] as const) {
      expect(same(await frames.read(from, until), texts.slice(from, until).join("")), `${from} to ${until}`).toBe(true);
    }
  });

  it("take no more than a browser may hold", () => {
    const few = new Frames({ characters: 1000, frames: 2 });
    few.append([frame(1, "a"), frame(2, "b"), frame(3, "c")]);
    expect([few.length, few.full]).toEqual([2, true]);
    const small = new Frames({ characters: 5, frames: 100 });
    small.append([frame(1, "abc"), frame(2, "def"), frame(3, "g")]);
    expect([small.length, small.durationMs, small.full]).toEqual([1, 1, true]);
  });
});

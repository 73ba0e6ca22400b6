import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Unplayable } from "@/lib/playback/unplayable";
import { encode, InstructionParser } from "../instructions";
import { FrameParser, MAX_TIME_MS, type Frame } from "./parse";

const text = (...instructions: (string | number)[][]): string => instructions.map(encode).join("");
const frames = (...instructions: (string | number)[][]): Frame[] => new FrameParser().push(text(...instructions));
const RECT = ["rect", 0, 0, 0, 10, 10];
const IMAGE = ["img", 3, 14, 0, "image/png", 0, 0];

/** What guacd said to a member, of real desktops; they begin with what the site keeps from recordings. */
const recorded = (name: string): string => readFileSync(new URL(`../../../../tunnel/proto/tests/guacd/${name}.guac`, import.meta.url), "utf8");

describe("the recording of a desktop", () => {
  it("is frames, with their times from the first one on", () => {
    expect(frames(["size", 0, 800, 600], ["sync", 5000, 1], RECT, ["sync", 5040, 1])).toEqual([
      { atMs: 0, text: text(["size", 0, 800, 600]) },
      { atMs: 40, text: text(RECT) },
    ]);
  });

  it("has no frames where nothing moved", () => {
    expect(frames(RECT, ["sync", 10], ["nop"], ["sync", 20], RECT, ["sync", 30]).map(({ atMs }) => atMs)).toEqual([0, 20]);
  });

  it("keeps what draws and nothing else", () => {
    const said = [["", "closed", "{}"], ["error", "no", 519], ["disconnect"], ["audio", 5, "audio/L16;rate=44100"], ["blob", 5, "AAAA"], ["end", 5], ["nest", 0, "4.rect;"], ["name", "x"], ["made-up"]];
    expect(frames(...said, IMAGE, ["blob", 3, "QUFB"], ["end", 3], ["sync", 1])).toEqual([{ atMs: 0, text: text(IMAGE, ["blob", 3, "QUFB"], ["end", 3]) }]);
  });

  it("leaves out an image whose end is not there, which would never be drawn", () => {
    const [first, second] = frames(IMAGE, ["blob", 3, "QUFB"], RECT, ["sync", 1], ["blob", 3, "QUFB"], ["end", 3], RECT, ["sync", 2]);
    expect([first?.text, second?.text]).toEqual([text(RECT), text(RECT)]);
  });

  it("tells streams of images from others under the same number", () => {
    expect(frames(IMAGE, ["end", 3], ["audio", 3, "audio/L8"], ["blob", 3, "AAAA"], ["end", 3], ["sync", 1])).toEqual([{ atMs: 0, text: text(IMAGE, ["end", 3]) }]);
  });

  it("goes on where guacd's clock was set back, and is never longer than any session", () => {
    expect(frames(RECT, ["sync", 9000], RECT, ["sync", 9500], RECT, ["sync", 100], RECT, ["sync", 300]).map(({ atMs }) => atMs)).toEqual([0, 500, 500, 700]);
    expect(frames(RECT, ["sync", 0], RECT, ["sync", 9e15], RECT, ["sync", "soon"]).map(({ atMs }) => atMs)).toEqual([0, MAX_TIME_MS, MAX_TIME_MS]);
  });

  it("may come in pieces, cut anywhere", () => {
    const whole = text(["size", 0, 8, 6], ["sync", 1], IMAGE, ["blob", 3, "QUFB"], ["end", 3], ["sync", 2]);
    const uncut = new FrameParser().push(whole);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const parser = new FrameParser();
      expect([...parser.push(whole.slice(0, cut)), ...parser.push(whole.slice(cut))]).toEqual(uncut);
    }
  });

  it("that is damaged cannot be played from there on", () => {
    const parser = new FrameParser();
    expect(parser.push(text(RECT, ["sync", 1]))).toHaveLength(1);
    expect(() => parser.push("nonsense")).toThrow(Unplayable);
  });

  it("with a frame that never ends takes no more memory for it", () => {
    const parser = new FrameParser(1000);
    parser.push(text(IMAGE, ["blob", 3, "A".repeat(500)], ["sync", 1], IMAGE, ["blob", 3, "A".repeat(900)]));
    expect(() => parser.push(text(["blob", 3, "A".repeat(100)]))).toThrow(Unplayable);
  });

  it.each(["xrdp", "nla", "vnc"])("of a real one (%s) is played whole", (name) => {
    const made = new FrameParser().push(recorded(name));
    expect(made.length).toBeGreaterThan(5);
    const times = made.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    // Each frame can be read by itself, and every image is in it to its end.
    let images = 0;
    for (const frame of made) {
      const open = new Set<string>();
      for (const [opcode, index = ""] of new InstructionParser().feed(frame.text)) {
        if (opcode === "img") open.add(index);
        if (opcode === "end") expect(open.delete(index)).toBe(true);
        images += opcode === "img" ? 1 : 0;
      }
      expect(open.size).toBe(0);
    }
    expect(images).toBe(recorded(name).split("3.img,").length - 1);
  });
});

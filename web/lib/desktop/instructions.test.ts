import { describe, expect, it } from "vitest";
import { codePoints, encode, InstructionError, InstructionParser, MAX_ELEMENTS, MAX_LENGTH } from "./instructions";

const parse = (...pieces: string[]): string[][] => {
  const parser = new InstructionParser();
  return pieces.flatMap((piece) => parser.feed(piece));
};

const SAMPLES = [["select", "rdp"], [""], ["", "ping", "1"], ["key", "65307", "1"], ["clipboard", "Ä€", "😀 und 👩‍🚒;", "1.2,3;"], ["blob", "0", "a".repeat(8064)]];

describe("instructions", () => {
  it("have their lengths in code points, not in bytes or UTF-16 units", () => {
    expect(encode(["name", "😀é"])).toBe("4.name,2.😀é;");
    expect(encode(["mouse", 10, -1])).toBe("5.mouse,2.10,2.-1;");
    expect(codePoints("a😀\ud800")).toBe(3);
    expect(parse("4.name,2.😀é;")).toEqual([["name", "😀é"]]);
  });

  it("come out as they went in, several at once", () => {
    expect(parse(SAMPLES.map(encode).join(""))).toEqual(SAMPLES);
  });

  it("may be cut anywhere, amid a character too", () => {
    const text = SAMPLES.slice(0, 5).map(encode).join("");
    for (let cut = 0; cut <= text.length; cut += 1) expect(parse(text.slice(0, cut), text.slice(cut))).toEqual(SAMPLES.slice(0, 5));
    expect(parse(...text.split(""))).toEqual(SAMPLES.slice(0, 5));
  });

  it("are kept back until they are whole", () => {
    const parser = new InstructionParser();
    expect(parser.feed("4.sync,3.1")).toEqual([]);
    expect(parser.isAmid).toBe(true);
    expect(parser.feed("23")).toEqual([]);
    expect(parser.feed(";")).toEqual([["sync", "123"]]);
    expect(parser.isAmid).toBe(false);
  });

  it("of a kind that none can be are refused", () => {
    const bad = ["x.sync;", "-1.a;", ".;", "4.syncc;", "4 .sync;", "1e1.aaaaaaaaaa;", "0x4.sync;", "4.sync.", "11111111", "4,sync;", "\n4.sync;", "4.sync,x", "-"];
    for (const text of bad) expect(() => parse(text), text).toThrow(InstructionError);
  });

  it("are bounded in length, as a whole and from their first digits on", () => {
    expect(parse(encode(["a".repeat(MAX_LENGTH)]))).toHaveLength(1);
    expect(() => parse(`${MAX_LENGTH + 1}.`)).toThrow(InstructionError);
    const half = encode(["a".repeat(MAX_LENGTH / 2)]).slice(0, -1);
    expect(() => parse(`${half},${half},1.a;`)).toThrow(InstructionError);
  });

  it("are bounded in the number of their elements", () => {
    expect(parse(encode(Array(MAX_ELEMENTS).fill("")))).toHaveLength(1);
    expect(() => parse(encode(Array(MAX_ELEMENTS + 1).fill("")))).toThrow(InstructionError);
  });

  it("of any content survive", () => {
    const characters = ["", ".", ",", ";", "0", "9", "é", "😀", "\ud800", "\udc00", "\u0000", "abc"];
    let seed = 7;
    const next = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    for (let round = 0; round < 300; round += 1) {
      const list = Array.from({ length: 1 + next(4) }, () => Array.from({ length: 1 + next(5) }, () => Array.from({ length: next(6) }, () => characters[next(characters.length)]).join("")));
      const text = list.map(encode).join("");
      const cut = next(text.length + 1);
      expect(parse(text.slice(0, cut), text.slice(cut))).toEqual(list);
    }
  });
});

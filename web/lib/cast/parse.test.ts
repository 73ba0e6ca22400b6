import { describe, expect, it } from "vitest";
import { CastParser, MAX_LINE_CHARACTERS, MAX_TIME_MS, NoCast, parseEvent, parseHeader } from "./parse";

const HEADER = '{"version":2,"width":100,"height":30,"timestamp":1,"title":"ada on press-4","env":{"TERM":"xterm-256color"}}\n';
const whole = (text: string) => {
  const parser = new CastParser();
  return { parser, events: [...parser.push(text), ...parser.finish()] };
};

describe("a header", () => {
  it("gives size and title", () => {
    expect(parseHeader(HEADER)).toEqual({ cols: 100, rows: 30, title: "ada on press-4" });
  });

  it.each([0, -1, 1.5, 1e9, "80", null])("with an impossible size (%s) falls back to a usual one", (width) => {
    expect(parseHeader(JSON.stringify({ version: 2, width, height: 30 }))).toMatchObject({ cols: 80, rows: 30 });
  });

  it.each(["", "{", "null", "[]", '{"version":1}', '{"version":3}'])("that is none is refused: %s", (line) => {
    expect(() => parseHeader(line)).toThrow(NoCast);
  });
});

describe("an event", () => {
  it("prints or resizes", () => {
    expect(parseEvent('[1.5,"o","hi\\r\\n"]')).toEqual({ type: "output", atMs: 1500, text: "hi\r\n" });
    expect(parseEvent('[2,"r","120x40"]')).toEqual({ type: "resize", atMs: 2000, cols: 120, rows: 40 });
  });

  it("later than any session lasts comes at the latest moment there is", () => {
    expect(parseEvent('[1e300,"o","x"]')).toMatchObject({ atMs: MAX_TIME_MS });
  });

  it.each(['[1,"r","0x0"]', '[1,"r","99999x99999"]', '[1,"r","80"]', '[-1,"o","x"]', '["1","o","x"]', '[1,"o",7]', '[1,"o"]', "{}", "[", "[1e999,\"o\",\"x\"]"])(
    "that makes no sense is none: %s",
    (line) => {
      expect(parseEvent(line)).toBeNull();
    },
  );
});

describe("a recording", () => {
  it("is read however its text is cut", () => {
    const text = `${HEADER}[0.1,"o","a"]\n[0.2,"r","90x20"]\n[0.3,"o","ü€"]\n`;
    const expected = whole(text).events;
    expect(expected).toHaveLength(3);
    for (let cut = 0; cut <= text.length; cut += 1) {
      const parser = new CastParser();
      expect([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut)), ...parser.finish()]).toEqual(expected);
    }
  });

  it("leaves out bad lines, counts them and goes on", () => {
    const { parser, events } = whole(`${HEADER}[0.1,"o","a"]\nnonsense\n\n[0.2,"i","typed"]\n[0.3,"o","b"]\r\n`);
    expect(events.map((event) => event.type === "output" && event.text)).toEqual(["a", "b"]);
    expect(parser.bad).toBe(1);
  });

  it("that breaks off in a line keeps what is before it", () => {
    const { parser, events } = whole(`${HEADER}[0.1,"o","a"]\n[0.2,"o","cut o`);
    expect(events).toHaveLength(1);
    expect(parser.bad).toBe(1);
  });

  it("that is empty, or has only a header, is told apart", () => {
    expect(() => whole("")).toThrow(NoCast);
    expect(whole(HEADER).events).toEqual([]);
  });

  it("has times that never go back", () => {
    const { events } = whole(`${HEADER}[2,"o","a"]\n[1,"o","b"]\n[3,"o","c"]\n`);
    expect(events.map(({ atMs }) => atMs)).toEqual([2000, 2000, 3000]);
  });

  it("with a line without an end takes no memory for it", () => {
    const parser = new CastParser();
    parser.push(HEADER);
    for (let piece = 0; piece < 40; piece += 1) parser.push("x".repeat(MAX_LINE_CHARACTERS / 16));
    expect(parser.bad).toBe(1);
    expect(parser.push('more"]\n[1,"o","after"]\n')).toEqual([{ type: "output", atMs: 1000, text: "after" }]);
  });

  it("whose header has no end is none", () => {
    expect(() => new CastParser().push("{".repeat(MAX_LINE_CHARACTERS + 1))).toThrow(NoCast);
  });
});

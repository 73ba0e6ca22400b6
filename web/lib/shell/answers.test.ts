import { Terminal } from "@xterm/headless";
import { describe, expect, it } from "vitest";
import { AnswerGuard, TerminalWriter, unfinishedCharacter } from "./answers";

const bytes = (text: string) => new TextEncoder().encode(text);
/** What makes a terminal answer: its kind, where the cursor is, its status. */
const QUESTIONS = "\x1b[c\x1b[6n\x1b[5n";

/** A terminal, and what it would have sent; `person` says whether a DOM event is on. */
function setUp() {
  const terminal = new Terminal({ allowProposedApi: true, cols: 20, rows: 5 });
  const writer = new TerminalWriter(terminal);
  const sent: string[] = [];
  const state = { person: false };
  terminal.onData((data) => writer.guard.mayBeSent(state.person) && sent.push(data));
  const settled = () => new Promise<void>((done) => writer.then(done));
  const line = (row: number) => terminal.buffer.active.getLine(row)?.translateToString(true);
  return { terminal, writer, sent, state, settled, line };
}

describe("what the emulator answers", () => {
  it("to new bytes is sent", async () => {
    const { writer, sent, settled } = setUp();
    writer.fresh(bytes(QUESTIONS), () => undefined);
    await settled();
    expect(sent).toHaveLength(3);
    expect(sent[0]).toMatch(/^\x1b\[\?.*c$/);
    expect(sent[1]).toBe("\x1b[1;1R");
  });

  it("to old bytes stays here, and the bytes are shown", async () => {
    const { writer, sent, settled, line } = setUp();
    let read = false;
    writer.old(bytes(`old${QUESTIONS}`), () => (read = true));
    await settled();
    expect(sent).toEqual([]);
    expect(read).toBe(true);
    expect(line(0)).toBe("old");
  });

  it("to a screen stays here", async () => {
    const { writer, sent, settled, line, terminal } = setUp();
    writer.screen(30, 6, `shown${QUESTIONS}`);
    await settled();
    expect(sent).toEqual([]);
    expect(line(0)).toBe("shown");
    expect([terminal.cols, terminal.rows]).toEqual([30, 6]);
  });

  it("is told apart where old and new bytes follow each other at once", async () => {
    const { writer, sent, settled } = setUp();
    writer.old(bytes("old\x1b[6n"), () => undefined);
    writer.fresh(bytes("\r\nnew\x1b[6n"), () => undefined);
    writer.old(bytes("\x1b[6n"), () => undefined);
    await settled();
    expect(sent).toEqual(["\x1b[2;4R"]);
  });

  it("leaves what a person types while old bytes are read", async () => {
    const { terminal, writer, sent, state, settled } = setUp();
    writer.old(bytes("\x1b[6n"), () => undefined);
    writer.guard.oldBytesBegin();
    state.person = true;
    terminal.input("x", true);
    state.person = false;
    terminal.input("y", true);
    await settled();
    expect(sent).toEqual(["x"]);
  });
});

describe("a screen", () => {
  it("ends a sequence that the output before it was cut in", async () => {
    const { writer, settled, line } = setUp();
    writer.old(bytes("before\x1b]0;half a title"), () => undefined);
    writer.screen(20, 5, "after");
    await settled();
    expect(line(0)).toBe("after");
  });
});

describe("the guard", () => {
  it("holds back only between begin and end", () => {
    const guard = new AnswerGuard();
    expect(guard.mayBeSent(false)).toBe(true);
    guard.oldBytesBegin();
    expect(guard.mayBeSent(false)).toBe(false);
    expect(guard.mayBeSent(true)).toBe(true);
    guard.oldBytesEnd();
    expect(guard.mayBeSent(false)).toBe(true);
  });
});

describe("a character that is split between writes", () => {
  const text = "a\u00e9\u3042\u3001\u{1f512}z";

  it("is shown whole wherever it is cut", async () => {
    const all = bytes(text);
    for (let first = 0; first <= all.length; first += 1) {
      for (let second = first; second <= all.length; second += 1) {
        const { writer, settled, line } = setUp();
        writer.fresh(all.subarray(0, first), () => undefined);
        writer.old(all.subarray(first, second), () => undefined);
        writer.fresh(all.subarray(second), () => undefined);
        await settled();
        expect(line(0), `cut at ${first} and ${second}`).toBe(text);
      }
    }
  });

  it("holds nothing back that is whole, or no character", () => {
    expect(unfinishedCharacter(bytes(text))).toBe(0);
    expect(unfinishedCharacter(Uint8Array.of(0xe3, 0x80))).toBe(2);
    expect(unfinishedCharacter(Uint8Array.of(0x61, 0xf0))).toBe(1);
    expect(unfinishedCharacter(Uint8Array.of(0x80, 0x80, 0x80, 0x80))).toBe(0);
    expect(unfinishedCharacter(new Uint8Array(0))).toBe(0);
  });
});

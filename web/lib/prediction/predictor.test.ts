import { describe, expect, it } from "vitest";
import { MOST_KEYS, Predictor, SETTLE_MS } from "./predictor";
import { Rig, ROUND_TRIP_MS } from "./rig";
import { STUCK_MS } from "./latency";

const silent = () => "";
/** A shell's line editor, as far as these tests go. */
function shell(key: string): string {
  if (key === "\r") return "\r\n$ ";
  if (key === "\x7f") return "\b\x1b[P";
  if (key === "\x1b[D" || key === "\x1b[C") return key;
  return key === "\x01" ? "\r" : `\x1b[1@${key}`;
}
const LEFT = "\x1b[D";
const RIGHT = "\x1b[C";

describe("on a line where no echo was seen", () => {
  it("nothing is shown until the first character is there", async () => {
    const rig = await new Rig().prints("$ ");
    rig.types("l", "s");
    expect(rig.shown).toBeNull();
    await rig.after(ROUND_TRIP_MS - 1);
    expect(rig.shown).toBeNull();
    await rig.after(1);
    rig.types(" ", "x");
    expect(rig.text).toBe("x");
    expect(rig.shown?.column).toBe(6);
  });

  it("a password shows nothing, however long it is and whatever else the program prints", async () => {
    const rig = await Rig.confirmed();
    let asks = false;
    rig.program = (key) => {
      if (asks) return "";
      asks = key === "\r";
      return asks ? "\r\nPassword: " : key;
    };
    rig.types("s", "u", "\r");
    for (const key of "s3cret pass*word") {
      rig.types(key);
      // What is on its way of the line before is all that may stand there.
      expect("su").toContain(rig.text);
      await rig.after(90);
      if (rig.real.startsWith("Password")) expect(rig.shown).toBeNull();
    }
    await rig.after(2 * ROUND_TRIP_MS);
    expect(rig.shown).toBeNull();
    expect(rig.real).toBe("Password:");
  });

  it("a field that shows asterisks confirms nothing, an asterisk neither", async () => {
    const rig = await new Rig(() => "*").prints("Password: ");
    for (const key of "a*b**c*****d") {
      rig.types(key);
      await rig.after(60);
      expect(rig.shown).toBeNull();
    }
  });

  it("a character that stood there already confirms nothing", async () => {
    const rig = await new Rig((key) => (key === "a" ? RIGHT : "")).prints("> aa\b\b");
    rig.types("a", "a");
    await rig.after(ROUND_TRIP_MS);
    expect(rig.screen.cursor.column).toBe(4);
    rig.types("x");
    expect(rig.shown).toBeNull();
  });

  it("spaces on blank cells confirm nothing", async () => {
    const rig = await new Rig(() => RIGHT).prints("$ ");
    rig.types(" ", " ");
    await rig.after(ROUND_TRIP_MS);
    rig.types("x");
    expect(rig.shown).toBeNull();
  });
});

describe("on a line where an echo was seen", () => {
  it("a character is there at once, and is the terminal's own after its echo", async () => {
    const rig = await Rig.confirmed();
    rig.types("c");
    expect(rig.shown).toEqual({ row: 0, column: 4, cells: [{ column: 3, text: "c", width: 1, predicted: true }] });
    await rig.after(ROUND_TRIP_MS);
    expect(rig.shown).toBeNull();
    expect(rig.real).toBe("$ ec");
    expect(rig.predictor.judged).toEqual({ right: 2, wrong: 0 });
  });

  it("of many characters each leaves with its own echo", async () => {
    const rig = await Rig.confirmed();
    for (const key of "cho hi") await rig.types(key).after(40);
    expect(rig.text).toBe("chohi");
    await rig.after(100);
    expect(rig.real).toBe("$ ech");
    expect(rig.text).toBe("ohi");
    expect(rig.predictor.judged.wrong).toBe(0);
  });

  it("wide and accented characters take the columns that they take", async () => {
    const rig = await Rig.confirmed();
    rig.types("ü", "漢", "字", "x");
    expect(rig.text).toBe("ü漢字x");
    expect(rig.shown?.column).toBe(9);
    await rig.after(ROUND_TRIP_MS);
    expect(rig.shown).toBeNull();
    expect(rig.predictor.judged.wrong).toBe(0);
  });

  it("erasing shows the line without the character, and stops where typing began", async () => {
    const rig = await Rig.confirmed(shell);
    rig.types("x", "\x7f", "\x7f");
    expect(rig.shown).toMatchObject({ column: 2, cells: [{ column: 2, text: " ", predicted: true }, { column: 3, predicted: false }] });
    rig.types("\x7f");
    expect(rig.shown?.column).toBe(2);
    await rig.after(2 * ROUND_TRIP_MS);
    expect(rig.shown).toBeNull();
  });

  it("arrows move within what was typed, and text goes in between", async () => {
    const rig = await Rig.confirmed(shell);
    rig.types("a", "d", LEFT, LEFT, RIGHT, "b");
    expect(rig.text).toBe("abd");
    expect(rig.shown?.column).toBe(5);
    await rig.after(ROUND_TRIP_MS);
    expect(rig.real).toBe("$ eabd");
    expect(rig.shown).toBeNull();
    expect(rig.predictor.judged).toEqual({ right: 7, wrong: 0 });
  });

  it("a wrong prediction goes as soon as the terminal shows something else, and what follows is not shown", async () => {
    const rig = await Rig.confirmed();
    rig.program = () => "#";
    rig.types("a");
    expect(rig.text).toBe("a");
    await rig.after(ROUND_TRIP_MS);
    expect(rig.shown).toBeNull();
    rig.types("b");
    expect(rig.shown).toBeNull();
    await rig.after(SETTLE_MS + ROUND_TRIP_MS);
    expect(rig.predictor.judged.wrong).toBeGreaterThan(0);
  });

  it("what gets no echo goes a little after the target got it", async () => {
    const rig = await Rig.confirmed();
    rig.program = silent;
    rig.types("a");
    await rig.after(ROUND_TRIP_MS);
    expect(rig.text).toBe("a");
    await rig.after(SETTLE_MS + ROUND_TRIP_MS / 4);
    expect(rig.shown).toBeNull();
    rig.types("b");
    expect(rig.shown).toBeNull();
  });

  it.each([["Enter", "\r"], ["a control key", "\x01"], ["a key that is a sequence", "\x1b[A"], ["text of several lines", "one\rtwo"], ["Tab", "\t"]])(
    "after %s nothing is shown until an echo was seen again",
    async (_, key) => {
      const rig = await Rig.confirmed(shell);
      rig.types("c", key, "x", "y");
      expect(rig.text).toBe("c");
      await rig.after(ROUND_TRIP_MS - 1);
      rig.types("z");
      expect(rig.text).not.toMatch(/[xyz]/);
    },
  );

  it("typing on after Enter without a pause is taken up again within the line", async () => {
    const rig = await Rig.confirmed(shell);
    let last = "";
    for (const key of ["\r", ..."echo one two three four"]) {
      rig.types(key);
      last = rig.text;
      await rig.after(80);
    }
    expect(last).toBe("four");
    await rig.after(2 * ROUND_TRIP_MS);
    expect(rig.real).toBe("$ echo one two three four");
    expect(rig.shown).toBeNull();
  });

  it("output that moves the cursor begins anew", async () => {
    const rig = await Rig.confirmed();
    await rig.prints("\r\nPassword: ");
    rig.types("x");
    expect(rig.shown).toBeNull();
    const other = await Rig.confirmed();
    other.types("x");
    await other.prints("\r\nPassword: ");
    expect(other.shown).toBeNull();
    other.types("y");
    expect(other.shown).toBeNull();
  });

  it("output elsewhere that leaves the cursor changes nothing", async () => {
    const rig = await Rig.confirmed();
    rig.types("x");
    await rig.prints("\x1b7\x1b[24;60H12:00\x1b8");
    expect(rig.text).toBe("x");
  });

  it("nothing is predicted in the last column, nor what follows", async () => {
    const rig = await Rig.confirmed();
    for (let at = 0; at < 90; at += 1) rig.types("x");
    expect(rig.text).toHaveLength(76);
    await rig.after(2 * ROUND_TRIP_MS);
    expect(rig.shown).toBeNull();
    expect(rig.predictor.judged.wrong).toBe(0);
  });

  it("text that stands apart to the right stays where it is", async () => {
    const rig = await Rig.confirmed();
    await rig.prints("\x1b7   right\x1b8");
    rig.types("x");
    expect(rig.text).toBe("x");
    rig.types("y");
    expect(rig.shown?.cells).toHaveLength(2);
  });

  it.each([["another size", (rig: Rig) => rig.terminal.resize(100, 30)], ["another screen", (rig: Rig) => rig.predictor.forget()]])("%s drops what was predicted", async (_, change) => {
    const rig = await Rig.confirmed();
    rig.types("x");
    change(rig);
    rig.predictor.seen(rig.screen, rig.now);
    expect(rig.shown).toBeNull();
  });

  it("the alternate screen drops what was predicted, and so does the way back", async () => {
    const rig = await Rig.confirmed();
    rig.types("x");
    await rig.prints("\x1b7\x1b[?1049h\x1b8");
    expect(rig.shown).toBeNull();
    await rig.prints("\x1b[?1049l");
    rig.types("y");
    expect(rig.shown).toBeNull();
  });
});

describe("the way to the target", () => {
  const near = async () => {
    const rig = await new Rig(undefined, 10).prints("$ ");
    return rig.types("e").after(20);
  };

  it("shows nothing where it is short", async () => {
    const rig = await near();
    rig.types("x");
    expect(rig.shown).toBeNull();
  });

  it("shows what waits once a key is stuck on it, as long as an echo was seen", async () => {
    const rig = await near();
    rig.predictor.typed("x", rig.screen, rig.now);
    expect(rig.predictor.wakeAt(rig.now)).toBe(rig.now + STUCK_MS);
    await rig.after(STUCK_MS);
    rig.predictor.typed("y", rig.screen, rig.now);
    expect(rig.text).toBe("xy");
    await rig.after(60_000);
    expect(rig.text).toBe("xy");
    expect(rig.predictor.wakeAt(rig.now)).toBeNull();
  });

  it("never shows a secret because it is stuck", async () => {
    const rig = await new Rig(silent, 10).prints("Password: ");
    rig.predictor.typed("x", rig.screen, rig.now);
    await rig.after(60_000);
    expect(rig.shown).toBeNull();
  });
});

it("who wants no predictions sees none", async () => {
  const rig = await Rig.confirmed();
  rig.types("x");
  rig.predictor.prefer(false);
  expect(rig.shown).toBeNull();
});

it("no more than a bounded number of keys is kept, and it goes on after them", async () => {
  const rig = await Rig.confirmed(shell);
  for (let at = 0; at < 2 * MOST_KEYS; at += 1) rig.types("x", "\x7f");
  expect(rig.shown?.cells.length).toBeLessThan(5);
  await rig.after(3 * ROUND_TRIP_MS);
  expect(rig.shown).toBeNull();
  await rig.types("y").after(2 * ROUND_TRIP_MS);
  rig.types("z");
  expect(rig.text).toBe("z");
});

it("acknowledgements of what was forgotten are harmless", () => {
  const rig = new Rig();
  const predictor = new Predictor();
  predictor.typed("abc", rig.screen, 0);
  predictor.acknowledged(0, rig.screen, 10);
  predictor.acknowledged(3, rig.screen, 20);
  expect(predictor.shown(20)).toBeNull();
});

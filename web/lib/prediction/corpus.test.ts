/**
 * What people type into 25 programs, recorded key by key (`satellite/tests/screen/record.py --typing`), typed again on a
 * line of 300 ms with predictions and without: the screen at the end is the same, nothing predicted is left on it, and
 * no character of a secret was ever shown.
 */
import { readdirSync, readFileSync } from "node:fs";
import { Terminal } from "@xterm/headless";
import { afterAll, describe, expect, it } from "vitest";
import { Rig, ROUND_TRIP_MS } from "./rig";

const FOLDER = new URL("corpus/", import.meta.url);
/** A fast typist. */
const BETWEEN_KEYS_MS = 100;
const STEP_MS = 25;

interface Typed {
  key: string;
  secret: boolean;
  output: string;
}

function recorded(program: string): Typed[] {
  const decoder = new TextDecoder();
  const lines = readFileSync(new URL(`${program}.jsonl`, FOLDER), "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const [key, secret, output] = JSON.parse(line) as [string, boolean, string];
    return { key, secret, output: decoder.decode(Buffer.from(output, "base64"), { stream: true }) };
  });
}

/** All that can be seen of a terminal: characters, colours, attributes, and the cursor. */
function picture(terminal: Terminal): unknown[] {
  const { active } = terminal.buffer;
  const cell = active.getNullCell();
  const seen: unknown[] = [active.type, active.baseY, active.cursorX, active.cursorY];
  for (let row = 0; row < active.length; row += 1) {
    const line = active.getLine(row);
    for (let column = 0; column < terminal.cols; column += 1) {
      line?.getCell(column, cell);
      seen.push([cell.getChars(), cell.getFgColor(), cell.getBgColor(), cell.isBold(), cell.isUnderline(), cell.isInverse(), cell.isDim()].join());
    }
  }
  return seen;
}

/** Types it all again; every picture of what was shown ahead. */
async function typeAgain(rig: Rig, steps: Typed[]): Promise<string[]> {
  const shown: string[] = [];
  const look = () => rig.text !== shown.at(-1) && shown.push(rig.text);
  const outputs = steps.filter(({ key }) => key !== "").map(({ output }) => output);
  rig.program = () => outputs.shift() ?? "";
  for (const { key, output } of steps) {
    if (key === "") await rig.prints(output);
    else rig.types(key);
    look();
    for (let ms = 0; ms < BETWEEN_KEYS_MS; ms += STEP_MS) {
      await rig.after(STEP_MS);
      look();
    }
  }
  await rig.after(3 * ROUND_TRIP_MS);
  return shown;
}

async function withoutPredictions(steps: Typed[]): Promise<Terminal> {
  const { terminal } = new Rig();
  for (const { output } of steps) await new Promise<void>((done) => terminal.write(output, done));
  return terminal;
}

describe("typing ahead of the echo, on a line of 300 ms", () => {
  const programs = readdirSync(FOLDER).filter((name) => name.endsWith(".jsonl")).map((name) => name.replace(".jsonl", ""));
  const table: string[] = [];
  const all = { right: 0, wrong: 0, keys: 0 };

  afterAll(() => {
    console.info([`${"program".padEnd(16)} keys right wrong`, ...table, `${"all".padEnd(16)} ${String(all.keys).padStart(4)} ${String(all.right).padStart(5)} ${String(all.wrong).padStart(5)}`].join("\n"));
  });

  it("has a corpus of 20 programs or more", () => expect(programs.length).toBeGreaterThanOrEqual(20));

  it.each(programs)("%s ends with the same screen, and no secret was on it", async (program) => {
    const steps = recorded(program);
    const rig = new Rig();
    const shown = await typeAgain(rig, steps);
    expect(rig.shown).toBeNull();
    expect(picture(rig.terminal)).toEqual(picture(await withoutPredictions(steps)));
    const secrets = new Set(steps.filter(({ secret }) => secret).map(({ key }) => key));
    expect(shown.filter((text) => [...text].some((character) => secrets.has(character)))).toEqual([]);
    const { right, wrong } = rig.predictor.judged;
    const keys = steps.filter(({ key }) => key !== "").length;
    table.push(`${program.padEnd(16)} ${String(keys).padStart(4)} ${String(right).padStart(5)} ${String(wrong).padStart(5)}`);
    all.keys += keys;
    all.right += right;
    all.wrong += wrong;
  });

  it("shows most of what a shell echoes", async () => {
    const shown = await typeAgain(new Rig(), recorded("bash"));
    expect(shown.filter((text) => text !== "").length).toBeGreaterThan(30);
  });
});

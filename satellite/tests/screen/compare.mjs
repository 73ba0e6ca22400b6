/**
 * One terminal that read a whole stream against terminals that read a screen and the rest of it: xterm.js without a
 * display. `screen.rs` drives it and says what it proves.
 *
 *     node compare.mjs NAME COLS ROWS FOLDER_OF_NODE_MODULES
 *
 * stdin: the stream, then any number of cuts; each part begins with its length (u32, little endian). A cut is the
 * position (u32), how to compare (u32: bit 0 more closely, bit 1 to the stream's end) and the screen. stdout: one
 * JSON object, `{cuts, checks, failed, differences: [text]}`.
 */

import { createRequire } from "node:module";
import { differences, fingerprint, scrolledOff } from "./state.mjs";

const [name, cols, rows, modules] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { Terminal } = require("@xterm/headless");
const { Unicode11Addon } = require("@xterm/addon-unicode11");

/** Bytes after a cut at which states are compared, for every cut. */
const DISTANCES = [0, 1, 4, 16, 64, 512];
/** And for some cuts. */
const MORE_DISTANCES = [...Array(64).keys(), 4096];
/** Cuts that are read in one go. */
const TOGETHER = 50;
/** Rows above the screen; no recording may bring more, for then rows would be lost. */
const SCROLLBACK = 2_000;
/** Differences told in full; the others are counted. */
const TOLD = 5;

/** A terminal as the browser sets it up. */
function open() {
  const terminal = new Terminal({
    cols: Number(cols),
    rows: Number(rows),
    scrollback: SCROLLBACK,
    allowProposedApi: true,
    logLevel: "off",
  });
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  return terminal;
}

const written = (terminal, data) => new Promise((done) => terminal.write(data, done));

/** Whether a character begins at `at`: xterm.js loses characters that are written in pieces. */
const isBoundary = (stream, at) => at >= stream.length || (stream[at] & 0xc0) !== 0x80;

/** The fingerprint of the terminal that reads everything, after each byte (where characters end). */
async function readWhole(stream) {
  const terminal = open();
  const prints = new Uint32Array(stream.length + 1);
  prints[0] = fingerprint(terminal);
  let last;
  for (let at = 0; at < stream.length; ) {
    let end = at + 1;
    while (!isBoundary(stream, end)) end++;
    const here = end;
    last = new Promise((done) =>
      terminal.write(stream.subarray(at, here), () => {
        prints[here] = fingerprint(terminal);
        done();
      }),
    );
    at = end;
  }
  await last;
  const above = scrolledOff(terminal);
  if (above.length >= SCROLLBACK) throw new Error(`${name} scrolls too far`);
  return { prints, rows: above };
}

/** The positions at which a cut is checked. */
function checkpoints(stream, cut) {
  const distances = cut.how & 1 ? [...DISTANCES, ...MORE_DISTANCES] : DISTANCES;
  const points = distances.map((distance) => cut.at + distance).filter((at) => at <= stream.length);
  if (cut.how & 2) points.push(stream.length);
  return [...new Set(points)].filter((at) => isBoundary(stream, at)).sort((a, b) => a - b);
}

const result = { cuts: 0, checks: 0, failed: 0, differences: [] };
let stream;
let whole;
// As in the browser one terminal reads many screens; it begins anew at times.
let terminal = open();
/** Cuts that differed, and where that was seen first. */
const failures = [];

/**
 * Queues everything to be read for a cut; what is awaited is the last of it. Each write that is awaited costs a turn
 * of the event loop, so states are compared as the terminal comes to them.
 */
function compare(cut) {
  const points = checkpoints(stream, cut);
  let failed = false;
  const check = (at) => {
    if (failed) return;
    result.checks++;
    failed = fingerprint(terminal) !== whole.prints[at];
    if (!failed && at === stream.length && cut.how & 2) failed = !hasSameScrollback();
    if (failed) failures.push({ cut, at });
  };
  // What `TerminalWriter.screen` of the web client writes.
  let last = written(terminal, `\x1bc${cut.screen.toString()}`);
  let at = cut.at;
  for (const point of points) {
    last = new Promise((done) =>
      terminal.write(stream.subarray(at, point), () => {
        check(point);
        done();
      }),
    );
    at = point;
  }
  result.cuts++;
  return last;
}

/** Whether the rows that went above the screen since the cut are the last ones of those that ever did. */
function hasSameScrollback() {
  const rows = scrolledOff(terminal);
  return rows.length <= whole.rows.length && rows.every((row, at) => row === whole.rows.at(at - rows.length));
}

/** Says what differs, in full. */
async function tell({ cut, at }) {
  const [expected, actual] = [open(), open()];
  await written(expected, stream.subarray(0, at));
  await written(actual, `\x1bc${cut.screen.toString()}`);
  await written(actual, stream.subarray(cut.at, at));
  const found = differences(expected, actual);
  const bytes = (from, to) => JSON.stringify(Buffer.from(stream.subarray(Math.max(0, from), to)).toString());
  return (
    `${name}: cut at ${cut.at}, compared at ${at}: ${found.slice(0, 8).join("; ") || "only the scrollback"}\n` +
    `    before the cut ${bytes(cut.at - 40, cut.at)}\n    after it ${bytes(cut.at, Math.min(at, cut.at + 200))}\n` +
    `    screen ${JSON.stringify(cut.screen.toString()).slice(0, 2000)}`
  );
}

let pending = Buffer.alloc(0);

/** The next part of what came, or nothing. */
function takePart() {
  if (pending.length < 4 || pending.length < 4 + pending.readUInt32LE(0)) return undefined;
  const end = 4 + pending.readUInt32LE(0);
  const part = pending.subarray(4, end);
  pending = pending.subarray(end);
  return part;
}

for await (const piece of process.stdin) {
  pending = pending.length === 0 ? piece : Buffer.concat([pending, piece]);
  for (let part = takePart(); part !== undefined; part = takePart()) {
    if (stream === undefined) {
      stream = new Uint8Array(part);
      whole = await readWhole(stream);
    } else {
      const compared = compare({ at: part.readUInt32LE(0), how: part.readUInt32LE(4), screen: Buffer.from(part.subarray(8)) });
      if (result.cuts % TOGETHER === 0) await compared;
      if (result.cuts % (10 * TOGETHER) === 0) terminal = open();
    }
  }
}
await written(terminal, "");
result.failed = failures.length;
for (const failure of failures.slice(0, TOLD)) result.differences.push(await tell(failure));
process.stdout.write(JSON.stringify(result));

// A page in Chromium that another test steers: one JSON object a line on standard input, {do, ...}; the answer to each
// is one on standard output. `node beside.mjs URL USER PASSWORD TARGET` opens a shell on the target and answers {} first.
//
//   {do: "type", text, over_ms}    types keys evenly over so long; a line's end is Enter, "\u001b" Escape
//   {do: "until", text, from}      waits until what the WebSockets brought has the text; {end}: the position behind it
//   {do: "received"}               {bytes}: everything they brought, each byte once, in Base64
//   {do: "screen"}                 {lines}: what stands on the terminal
//   {do: "drop"}                   breaks every connection that the page has; it may make new ones

import { createInterface } from "node:readline";

import { launch, openWindow, within } from "./browser.mjs";
import { openTarget, readable, screen, signIn } from "./console.mjs";
import { longWay } from "./delay.mjs";

const [url, user, password, target] = process.argv.slice(2);
const PATIENCE_MS = 120_000;
const OFFSET_BYTES = 8;
const KEYS = { "\n": "Enter", "\u001b": "Escape" };

/** Puts frames in their order: what came before is left out, and a hole is an error. */
class Received {
  bytes = Buffer.alloc(0);
  #next = null;

  frame(frame) {
    const offset = Number(frame.readBigUInt64BE(0));
    const body = frame.subarray(OFFSET_BYTES);
    this.#next ??= offset;
    if (offset > this.#next) throw new Error(`a hole in the output: ${this.#next} to ${offset}`);
    const fresh = body.subarray(this.#next - offset);
    this.#next += fresh.length;
    this.bytes = Buffer.concat([this.bytes, fresh]);
  }
}

async function typeOver(page, text, over_ms) {
  const begun = performance.now();
  for (const [index, character] of [...text].entries()) {
    await page.keyboard.press(KEYS[character] ?? (character === " " ? "Space" : character));
    const left = (over_ms * (index + 1)) / text.length - (performance.now() - begun);
    if (left > 0) await page.waitForTimeout(left);
  }
}

const browser = await launch();
const way = await longWay(url, 0);
const { page, context } = await openWindow(browser, { url: way.url });
const received = new Received();
const devtools = await context.newCDPSession(page);
await devtools.send("Network.enable");
devtools.on("Network.webSocketFrameReceived", ({ response }) => {
  if (response.opcode === 2) received.frame(Buffer.from(response.payloadData, "base64"));
});
await signIn(page, { user, password });
await openTarget(page, target);
await readable(page);

const acts = {
  type: async ({ text, over_ms = 0 }) => {
    await typeOver(page, text, over_ms);
    return {};
  },
  until: async ({ text, from = 0 }) => {
    const end = await within(PATIENCE_MS, text, () => received.bytes.indexOf(text, from) + 1 || null);
    return { end: end - 1 + text.length };
  },
  received: async () => ({ bytes: received.bytes.toString("base64") }),
  screen: async () => ({ lines: await screen(page) }),
  drop: async () => {
    way.drop();
    return {};
  },
};

const answer = (words) => process.stdout.write(`${JSON.stringify(words)}\n`);
answer({});
for await (const line of createInterface({ input: process.stdin })) {
  const wanted = JSON.parse(line);
  answer(await acts[wanted.do](wanted));
}
await browser.close();
way.stop();

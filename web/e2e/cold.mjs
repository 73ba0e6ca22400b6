// A browser that has never been here: `node cold.mjs URL USER PASSWORD TARGET_ID` prints one JSON object: what the
// sign-in page and the shell's page bring over the line, in bytes, and the milliseconds from the shell's address to its
// first prompt, signed in and with an empty cache.

import { launch, openWindow, within } from "./browser.mjs";

const [url, user, password, target] = process.argv.slice(2);
const PATIENCE_MS = 30_000;
const OFFSET_BYTES = 8;

/** A window whose loads are counted. */
async function counted(browser) {
  const { page, context } = await openWindow(browser, { url });
  const devtools = await context.newCDPSession(page);
  const seen = { bytes: 0, output: "" };
  await devtools.send("Network.enable");
  devtools.on("Network.loadingFinished", ({ encodedDataLength }) => {
    seen.bytes += encodedDataLength;
  });
  devtools.on("Network.webSocketFrameReceived", ({ response }) => {
    if (response.opcode === 2) seen.output += Buffer.from(response.payloadData, "base64").subarray(OFFSET_BYTES).toString();
  });
  return { page, context, seen };
}

const browser = await launch();
const first = await counted(browser);
await first.page.goto("/login/");
await first.page.getByLabel("User name").waitFor();
await first.page.waitForLoadState("networkidle");
const login_bytes = first.seen.bytes;
await first.page.evaluate(
  (body) => fetch("/api/v1/auth/login", { method: "POST", headers: { "content-type": "application/json" }, body }),
  JSON.stringify({ username: user, password }),
);
const cookies = await first.context.cookies();
await first.context.close();

const second = await counted(browser);
await second.context.addCookies(cookies);
const begun = performance.now();
await second.page.goto(`/shell/?target=${target}`, { waitUntil: "commit" });
await within(PATIENCE_MS, "a prompt", () => /[$#%>] $/.test(second.seen.output.replace(/\u001b\[[\d;?]*[a-zA-Z]/g, "")));
const prompt_ms = performance.now() - begun;
await second.page.waitForLoadState("networkidle");
process.stdout.write(`${JSON.stringify({ login_bytes, shell_bytes: second.seen.bytes, prompt_ms })}\n`);
await browser.close();

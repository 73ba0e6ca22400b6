// A shell's trace as a collector gets it: it begins in the page. Run by `npm run e2e`.

import assert from "node:assert/strict";
import { after, before } from "node:test";

import { launch, openWindow, within } from "./browser.mjs";
import { startCollector } from "./collector.mjs";
import { attached, openTarget, readable, signIn } from "./console.mjs";
import { startDemo } from "./demo.mjs";
import { steps } from "./steps.mjs";

const PATIENCE_MS = 10_000;

let collector, demo, browser, window, page;

const step = steps(() => window.context);

before(async () => {
  collector = await startCollector();
  [demo, browser] = await Promise.all([startDemo(collector.settings), launch()]);
  window = await openWindow(browser, { url: demo.url });
  page = window.page;
});

after(async () => {
  await browser?.close();
  await demo?.stop();
  await collector?.stop();
});

step("the page's span is the first of its shell's trace, and lasts longest until the shell is there", async () => {
  await signIn(page, demo);
  await openTarget(page, "press-4");
  await readable(page);
  const named = (name) => collector.spans().filter((span) => span.Name === name);
  await within(PATIENCE_MS, "the trace is told", () => named("shell").length === 1 && named("open shell").length === 1);
  const [first] = named("shell");
  const [atSite] = named("open shell");
  assert.equal(first.service, "openpam-page");
  assert.equal(first["Parent ID"], "");
  assert.equal(atSite.service, "openpam-satellite");
  assert.equal(atSite["Trace ID"], first["Trace ID"]);
  const [answered] = named("GET /api/ws/connect/{protocol}/{target_id}");
  assert.equal(answered["Parent ID"], first.ID);
  const nanoseconds = (span) => BigInt(span["End time"]) - BigInt(span["Start time"]);
  assert(nanoseconds(first) >= nanoseconds(atSite), "a person waits for all of it");
});

step("a reload attaches again, and its page tells of that", async () => {
  await page.reload();
  await attached(page);
  await within(PATIENCE_MS, "another trace begins", () => collector.spans().filter(({ Name }) => Name === "shell").length === 2);
  const begun = collector.spans().filter(({ Name }) => Name === "shell");
  assert.notEqual(begun[0]["Trace ID"], begun[1]["Trace ID"]);
  const again = collector.spans().find((span) => span.Name === "attach");
  assert.equal(again["Trace ID"], begun[1]["Trace ID"]);
});

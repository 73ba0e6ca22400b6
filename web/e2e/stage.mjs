// What most ways through the pages stand on: a demo, a browser and one window of it, from the first step to the last.
// Imports are live: the values are there once the steps run.

import { after, before } from "node:test";

import { launch, openWindow } from "./browser.mjs";
import { startDemo } from "./demo.mjs";
import { steps } from "./steps.mjs";

export let demo, browser, window, page;

export const step = steps(() => window.context);

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  window = await openWindow(browser, { url: demo.url });
  page = window.page;
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

// What the page of a shell does around the shell itself: searching what it printed. Run by `npm run e2e`.

import assert from "node:assert/strict";
import { after, before } from "node:test";

import { launch, openWindow } from "./browser.mjs";
import { endSession, openTarget, readable, run, sees, signIn, type } from "./console.mjs";
import { startDemo } from "./demo.mjs";
import { shootPage } from "./shots.mjs";
import { steps } from "./steps.mjs";

const TARGET = "press-4";

let demo, browser, window, page;

const step = steps(() => window.context);

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  window = await openWindow(browser, { url: demo.url });
  page = window.page;
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

step("Ctrl+Shift+F searches what scrolled away, Enter goes on and Shift+Enter back, Esc gives the keys back to the shell", async () => {
  await signIn(page, demo);
  await openTarget(page, TARGET);
  await readable(page);
  await run(page, "clear; for i in $(seq 1 17); do echo nee''dle $i; seq 1 20; done; echo all $((40 + 2))");
  await sees(page, /^all 42$/);
  await page.keyboard.press("Control+Shift+F");
  const search = page.getByRole("search");
  const field = search.getByRole("textbox", { name: "Search in the output" });
  await type(page, "needle");
  await search.getByText("17 of 17").waitFor();
  await shootPage(page, "search");
  await field.press("Shift+Enter");
  await search.getByText("16 of 17").waitFor();
  await sees(page, /^needle 16$/);
  await field.press("Enter");
  await field.press("Enter");
  await search.getByText("1 of 17", { exact: true }).waitFor();
  await sees(page, /^needle 1$/);
  await search.getByRole("button", { name: "Next match" }).click();
  await search.getByText("2 of 17").waitFor();
  // Asked for once more, what is there is ready to be typed over.
  await page.keyboard.press("Control+Shift+F");
  await type(page, "not there");
  await search.getByText("No match").waitFor();
  assert.ok(await search.getByRole("button", { name: "Next match" }).isDisabled());
  await page.keyboard.press("Escape");
  await search.waitFor({ state: "detached" });
  await run(page, "echo keys are $((6 * 7)) again");
  await sees(page, /^keys are 42 again$/);
  await page.getByRole("button", { name: "Search in the output" }).click();
  await search.waitFor();
  await page.keyboard.press("Escape");
});

step("nothing complained", async () => {
  await endSession(page);
  assert.deepEqual(window.complaints, []);
});

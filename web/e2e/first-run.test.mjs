// The first run: a hub with nothing on it leads its first administrator to a shell in three steps. Run by `npm run e2e`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";

import { startBareHub } from "./bare-hub.mjs";
import { launch, openWindow } from "./browser.mjs";
import { openTarget, readable, run, sees, signIn } from "./console.mjs";
import { startDemo } from "./demo.mjs";
import { shootPage } from "./shots.mjs";
import { steps } from "./steps.mjs";

// Its SSH server is the first machine.
let demo, hub, browser, window, page;

const step = steps(() => window.context);

before(async () => {
  [demo, hub, browser] = await Promise.all([startDemo(), startBareHub(), launch()]);
  window = await openWindow(browser, { url: hub.url });
  page = window.page;
});

after(async () => {
  await browser?.close();
  await hub?.stop();
  await demo?.stop();
});

const dialog = () => page.getByRole("dialog");
const now = () => page.locator('[aria-current="step"]');

step("nothing is there, and the first step says what to do", async () => {
  await signIn(page, hub);
  await page.getByText("Three steps to the first shell").waitFor();
  await now().getByRole("heading", { name: "Name a site" }).waitFor();
  await shootPage(page, "first-run");
  await page.getByRole("button", { name: "Create zone" }).click();
  await dialog().getByLabel("Name").fill("works-1");
  await dialog().getByRole("button", { name: "Create zone" }).click();
});

step("the second step waits until a satellite has joined", async () => {
  await now().getByRole("heading", { name: "Join its satellite" }).waitFor();
  await page.getByRole("button", { name: "Create join token" }).click();
  await dialog().getByRole("button", { name: "Create token" }).click();
  await dialog().getByText("Waiting for the satellite").waitFor();
  const command = await dialog().getByText(/openpam-satellite join -/).first().textContent();
  hub.join(/'([^']+)'/.exec(command)[1]);
  await dialog().getByText("The satellite has joined and is online.").waitFor();
  await dialog().getByRole("button", { name: "Done" }).click();
});

step("the third step makes a machine once, also when its key was refused before, and opens it", async () => {
  await now().getByRole("heading", { name: "Add the first machine" }).waitFor();
  await shootPage(page, "first-run-machine");
  await page.getByRole("button", { name: "Add a machine" }).click();
  await dialog().getByLabel("Name", { exact: true }).fill("press-5");
  await dialog().getByLabel("Host").fill("127.0.0.1");
  await dialog().getByLabel("Port").fill(String(demo.sshPort));
  await dialog().getByLabel("Account").fill(`openpam-demo-${demo.sshPort}`);
  await dialog().getByText("Private key", { exact: true }).click();
  await dialog().getByRole("textbox", { name: "Private key" }).fill("no key at all");
  await dialog().getByRole("button", { name: "Add machine" }).click();
  await dialog().getByRole("alert").waitFor();
  await dialog().getByText("Password", { exact: true }).click();
  await dialog().getByLabel("Password").last().fill(readFileSync(join(demo.data, "target-secret"), "utf8").trim());
  await dialog().getByRole("button", { name: "Add machine" }).click();
  await dialog().waitFor({ state: "detached" });
  await openTarget(page, "press-5");
  await readable(page);
  await run(page, "echo first shell $((40+2))");
  await sees(page, /first shell 42/);
  const targets = await page.evaluate(async () => (await (await fetch("/api/v1/admin/targets")).json()).items.length);
  assert.equal(targets, 1);
});

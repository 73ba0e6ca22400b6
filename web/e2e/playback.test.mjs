// The recording of a desktop in the page: played, stopped, gone through, and its pictures compared. Run by `npm run e2e`.

// First: the demo starts when the stage is set.
import "./with-desktop.mjs";

import assert from "node:assert/strict";

import { within } from "./browser.mjs";
import { endSession, openTarget, settled, signIn, toEnd } from "./console.mjs";
import { shoot, shootPage } from "./shots.mjs";
import { browser, demo, page, step, window } from "./stage.mjs";

const TARGET = "panel-4";
/** A session like the one here is shorter, and longer. */
const SHORTEST_MS = 2000;

const player = (on = page) => on.getByRole("group", { name: "Player" });
const position = (on = page) => player(on).getByRole("slider", { name: "Position" });
const at = async (on = page) => Number(await position(on).inputValue());
const lasts = async () => Number(await position().getAttribute("max"));
const play = (on = page) => player(on).getByRole("button", { name: /^(Play|Play again)$/ });
const pause = (on = page) => player(on).getByRole("button", { name: "Pause" });

/** What is drawn, all layers of it on each other: its size, how many colours it has, and what tells it from others. */
const picture = () =>
  player().getByRole("img", { name: "Picture of the desktop" }).evaluate((shown) => {
    const canvases = [...shown.querySelectorAll("canvas")].filter(({ width, height }) => width > 0 && height > 0);
    const all = document.createElement("canvas");
    all.width = Math.max(0, ...canvases.map(({ width }) => width));
    all.height = Math.max(0, ...canvases.map(({ height }) => height));
    const context = all.getContext("2d");
    // The first one is the desktop itself; the pointer is another.
    if (canvases.length > 0) context.drawImage(canvases[0], 0, 0);
    const pixels = all.width > 0 ? new Uint32Array(context.getImageData(0, 0, all.width, all.height).data.buffer) : [];
    let sum = 0;
    for (const pixel of pixels) sum = (Math.imul(sum, 31) + pixel) | 0;
    return { width: all.width, height: all.height, colours: new Set(pixels).size, sum };
  });

/** Goes to a moment by the bar, and waits until it is drawn. */
async function goTo(ms) {
  await position().fill(String(ms));
  await within(30_000, `the picture at ${ms}`, async () => (await at()) === ms && (await settled(player())));
}

let session;

step("something happens on a desktop, and its user ends it", async () => {
  await signIn(page, demo);
  await openTarget(page, TARGET);
  await page.locator("[data-pictured]").filter({ visible: true }).waitFor({ timeout: 30_000 });
  session = new URL(page.url()).searchParams.get("session");
  // Windows come and change for a while.
  for (let line = 0; line < 5; line += 1) {
    await page.mouse.click(300, 250);
    await page.keyboard.type(`ls -la /usr; echo line ${line}\n`);
    await page.waitForTimeout(1000);
  }
  await endSession(page);
});

step("its recording stands in the list as a desktop's", async () => {
  await page.goto("/recordings/");
  const row = page.getByRole("row").filter({ hasText: TARGET }).first();
  await row.getByText("Desktop").waitFor({ timeout: 60_000 });
  await row.getByText("RDP").waitFor();
  await shootPage(page, "recordings-desktop");
  await row.getByRole("link", { name: `Play the recording on ${TARGET}` }).click();
  await page.waitForURL((url) => url.searchParams.get("session") === session);
});

step("it plays by itself, and stops and goes on by key", async () => {
  await pause().waitFor({ timeout: 30_000 });
  assert.equal(await page.getByRole("group", { name: "View" }).count(), 0, "there is no text of it");
  await within(30_000, "it goes on", async () => (await at()) > 0);
  await position().focus();
  await page.keyboard.press("Space");
  await play().waitFor();
  const stopped = await at();
  await page.waitForTimeout(500);
  assert.equal(await at(), stopped);
  await page.keyboard.press("Space");
  await within(30_000, "it goes on", async () => (await at()) > stopped || (await play().count()) === 1);
});

step("its end is what was last seen, and its begin is not", async () => {
  await toEnd(player());
  assert.ok((await lasts()) > SHORTEST_MS, `it lasts ${await lasts()} ms`);
  const end = await picture();
  assert.ok(end.width >= 600 && end.height >= 400 && end.colours > 2, JSON.stringify(end));
  await shootPage(page, "playback-end");
  await goTo(0);
  const begin = await picture();
  assert.notEqual(begin.sum, end.sum, "the desktop changed");

  // Each moment looks the same however one comes there: from before, from behind, from far.
  const middle = Math.round((await lasts()) / 2);
  await goTo(middle);
  const there = await picture();
  await toEnd(player());
  assert.equal((await picture()).sum, end.sum);
  await goTo(middle);
  assert.equal((await picture()).sum, there.sum);
  await goTo(0);
  assert.equal((await picture()).sum, begin.sum);
  await goTo(middle);
  assert.equal((await picture()).sum, there.sum);
});

step("arrows go by seconds, and it plays fast to its end", async () => {
  await goTo(0);
  await position().press("ArrowRight");
  await within(10_000, "some seconds on", async () => (await at()) === Math.min(5000, await lasts()));
  await position().press("ArrowLeft");
  await within(10_000, "back", async () => (await at()) === 0);
  await player().getByLabel("Speed").selectOption("8");
  await play().click();
  await within(60_000, "its end", async () => (await at()) === (await lasts()) && (await play().count()) === 1);
});

step("it is given away as a file that other players take", async () => {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download recording" }).click()]);
  assert.match(download.suggestedFilename(), new RegExp(`^${TARGET}-.*\\.guac$`));
});

step("no page complained", () => assert.deepEqual(window.complaints, []));

step("pictures", () =>
  shoot(browser, demo, async (other, take) => {
    await signIn(other, demo);
    await other.goto(`/recordings/play/?session=${session}`);
    await player(other).waitFor({ timeout: 30_000 });
    await toEnd(player(other));
    await take("playback");
  }));

// A desktop in the page: opened, typed into, resized, reloaded, kept over a cut line and a killed hub. What is typed makes
// files on the machine that is shown. Run by `npm run e2e`.

// First: the demo starts when the stage is set.
import "./with-desktop.mjs";

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { within } from "./browser.mjs";
import { attached, endSession, openTarget, signIn } from "./console.mjs";
import { shoot, shootPage } from "./shots.mjs";
import { browser, demo, page, step } from "./stage.mjs";

const TARGET = "panel-4";
/** The line is cut for so long. */
const CUT_MS = 30_000;
/** Canvases grow in steps of so many pixels. */
const CANVAS_STEP = 64;
/** A site notices a dead line after half a minute at most, and is back within some seconds of its end. */
const NOTICED_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), "openpam-e2e-desktop."));
chmodSync(folder, 0o777);
after(() => rmSync(folder, { recursive: true, force: true }));

const picture = () => page.locator("[data-pictured]").filter({ visible: true });
const stale = () => page.locator(".desktop-box[data-stale]").filter({ visible: true });

/** Clicks into the terminal that is shown, and types a command that makes a file; again, since a terminal may only just have come. */
async function types(name) {
  const file = join(folder, name);
  await within(60_000, `the file ${name}`, async () => {
    await page.mouse.click(300, 250);
    await page.keyboard.type(`touch ${file}\n`);
    await page.waitForTimeout(1000);
    return existsSync(file);
  });
}

step("a desktop is opened from the list of targets, and what is typed arrives", async () => {
  await signIn(page, demo);
  await openTarget(page, TARGET);
  await picture().waitFor({ timeout: 30_000 });
  await types("opened");
  await shootPage(page, "desktop");
});

step("it has the window's size, and after a reload it is there as it was", async () => {
  const [before, small] = [page.viewportSize(), { width: 1000, height: 700 }];
  await page.setViewportSize(small);
  await within(20_000, "the smaller picture", () =>
    page.locator(".desktop-box canvas").first().evaluate((canvas, most) => canvas.width <= most, small.width + CANVAS_STEP),
  );
  await page.setViewportSize(before);
  await page.reload();
  await attached(page);
  await picture().waitFor({ timeout: 30_000 });
  await types("reloaded");
});

step("the line is cut for half a minute: the last picture stays, and the desktop goes on", async () => {
  demo.press("c");
  await page.getByText(/^Link to plant-7 lost\./).waitFor({ timeout: NOTICED_MS });
  await stale().waitFor();
  await shootPage(page, "desktop-cut");
  await page.waitForTimeout(CUT_MS);
  demo.press("r");
  await page.getByText(/^Link to plant-7 lost\./).waitFor({ state: "detached", timeout: NOTICED_MS });
  await stale().waitFor({ state: "detached" });
  await types("restored");
});

step("the hub is killed: the page finds the desktop again", async () => {
  const session = new URL(page.url()).searchParams.get("session");
  demo.press("k");
  await stale().waitFor({ timeout: NOTICED_MS });
  await stale().waitFor({ state: "detached", timeout: NOTICED_MS });
  await attached(page);
  await types("after-the-hub");
  assert.equal(new URL(page.url()).searchParams.get("session"), session, "the same one");
});

step("its user ends it, and it stands in the lists as what it was", async () => {
  await endSession(page);
  await shoot(browser, demo, async (other, take) => {
    await signIn(other, demo);
    await other.goto("/sessions/");
    await other.getByRole("cell", { name: TARGET }).first().waitFor();
    await take("desktop-sessions");
  });
});

// Several shells in one page: opened beside each other, switched, reloaded, closed. Run by `npm run e2e`.

import assert from "node:assert/strict";

import { within } from "./browser.mjs";
import { attached, endSession, openTarget, readable, run, screen, sees, shell, signIn } from "./console.mjs";
import { shoot, shootPage } from "./shots.mjs";
import { browser, demo, page, step, window } from "./stage.mjs";

const TARGET = "press-4";

const strip = () => page.getByRole("navigation", { name: "Open sessions" });
const tabs = () => strip().getByRole("button", { name: new RegExp(`^${TARGET}, `) });
const labels = () => tabs().evaluateAll((all) => all.map((tab) => tab.getAttribute("aria-label")));
/** Waits until the tab in this place, from 0, says so. */
const says = (place, words) =>
  within(30_000, `tab ${place}: ${words}`, async () => (await labels())[place]?.endsWith(`, ${words}`));
const session = () => shell(page).getAttribute("data-session");
/** The same shell again is there as it was left, and takes keys. */
async function echoes(text) {
  await within(5_000, "the terminal has the focus", () => page.evaluate(() => document.activeElement?.matches(".xterm-helper-textarea") && document.activeElement.checkVisibility({ visibilityProperty: true })));
  await run(page, `echo ${text} $((6 * 7))`);
  await sees(page, new RegExp(`^${text} 42$`));
}

step("one shell has no row of tabs, and the address that it always had", async () => {
  await signIn(page, demo);
  await openTarget(page, TARGET);
  await readable(page);
  await echoes("first");
  assert.equal(await strip().count(), 0);
  assert.match(page.url(), /\/shell\/\?target=[0-9a-f-]{36}&session=[0-9a-f-]{36}$/);
});

step("another one opens beside it, with a shell of its own", async () => {
  const first = await session();
  await page.getByRole("button", { name: "Open another target" }).click();
  await page.getByRole("combobox", { name: "Open another target" }).waitFor();
  await page.getByRole("option").first().waitFor();
  assert.deepEqual((await page.getByRole("option").allInnerTexts()).filter((text) => !text.endsWith("Target")), []);
  await page.keyboard.press("Enter");
  await says(1, "live");
  await attached(page);
  assert.notEqual(await session(), first);
  assert.equal(await tabs().nth(1).getAttribute("aria-current"), "true");
  await echoes("second");
  assert.ok(!(await screen(page)).includes("first 42"));
});

step("Alt and a digit switch, and what was not seen is marked", async () => {
  await run(page, "sleep 2; echo late $((6 * 7))");
  await page.keyboard.press("Alt+1");
  await sees(page, /^first 42$/);
  await echoes("again");
  await says(0, "live");
  await says(1, "live, new output");
  await page.keyboard.press("Alt+2");
  await sees(page, /^late 42$/);
  await says(1, "live");
});

step("a reload brings all of them back, the same one shown", async () => {
  const address = page.url();
  const here = await session();
  await page.reload();
  await says(0, "live");
  await attached(page);
  assert.equal(page.url(), address);
  assert.equal(await session(), here);
  await sees(page, /^late 42$/);
  await echoes("reloaded");
  await page.keyboard.press("Alt+1");
  await sees(page, /^again 42$/);
  await echoes("there");
});

step("shells that are not shown have the window's size", async () => {
  await page.keyboard.press("Alt+2");
  await run(page, "clear; stty size");
  const [, rows] = await sees(page, /^(\d+) \d+$/);
  await page.keyboard.press("Alt+1");
  await run(page, "clear; stty size");
  assert.equal((await sees(page, /^(\d+) \d+$/))[1], rows);
});

step("a lost line shows in every tab, and that they are back", async () => {
  demo.press("c");
  await says(0, "reconnecting");
  await says(1, "reconnecting");
  demo.press("r");
  await within(60_000, "both are back", async () => (await labels()).every((label) => label.includes(", live")));
});

step("the command palette goes to a session that is in a tab already", async () => {
  await page.keyboard.press("Control+Shift+K");
  await page.getByRole("option").filter({ hasText: "Running session" }).nth(1).waitFor();
  await page.getByRole("option").filter({ hasText: "Running session" }).first().click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await tabs().count(), 2);
});

step("on a phone the row of tabs scrolls, and all of the page is in the window", async () => {
  const wide = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 780 });
  await page.waitForTimeout(300);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  await shootPage(page, "tabs-phone");
  await page.setViewportSize(wide);
});

step("an ended shell says so in its tab, and closing it says nothing", async () => {
  await page.keyboard.press("Alt+2");
  await echoes("still");
  await run(page, "exit");
  await page.getByText("The program ended").filter({ visible: true }).waitFor();
  await says(1, "ended");
  await page.getByRole("button", { name: "Open again" }).click();
  await says(1, "live");
  await attached(page);
  await echoes("anew");
});

step("closing a tab leaves its session running, and says so", async () => {
  const closed = await session();
  await strip().getByRole("button", { name: `Close ${TARGET}` }).nth(1).click();
  await page.getByText(`The session on ${TARGET} goes on. You find it under Sessions.`).waitFor();
  await strip().waitFor({ state: "detached" });
  await echoes("left");
  assert.match(page.url(), /\/shell\/\?target=[0-9a-f-]{36}&session=[0-9a-f-]{36}$/);
  const live = await page.evaluate(() => fetch("/api/v1/sessions?active=true").then((answer) => answer.json()));
  assert.ok(live.items.some(({ id, session_status }) => id === closed && session_status === "active"));
  await endSession(page);
});

step("no page complained", () => {
  assert.deepEqual(window.complaints, []);
});

step("pictures", () =>
  shoot(browser, demo, async (other, picture) => {
    await signIn(other, demo);
    await openTarget(other, TARGET);
    await other.keyboard.press("Control+Shift+K");
    await other.getByRole("option").filter({ hasText: "Target" }).filter({ hasText: TARGET }).first().click();
    await other.getByRole("button", { name: `${TARGET}, live` }).nth(1).waitFor();
    await attached(other);
    await readable(other);
    await run(other, "echo seen");
    await sees(other, /^seen$/);
    await picture("tabs");
  }));

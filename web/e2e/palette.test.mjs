// The command palette: from any page to a target, a session or another page, with keys alone. Run by `npm run e2e`.

import assert from "node:assert/strict";

import { openWindow, within } from "./browser.mjs";
import { attached, endSession, openTarget, readable, run, sees, signIn } from "./console.mjs";
import { shoot } from "./shots.mjs";
import { browser, demo, page, step, window } from "./stage.mjs";

const TARGET = "press-4";

const field = (on) => on.getByRole("combobox", { name: "Go to a target, session or page" });
const options = (on) => on.getByRole("listbox", { name: "Found" }).getByRole("option");
const chosen = (on) => on.getByRole("option", { selected: true });

step("Ctrl+K goes to a page by some of its letters, and back to where the focus was with Esc", async () => {
  await signIn(page, demo);
  await page.getByRole("searchbox").focus();
  await page.keyboard.press("Control+K");
  await field(page).waitFor();
  await options(page).first().waitFor();
  await page.keyboard.press("Escape");
  await field(page).waitFor({ state: "detached" });
  assert.ok(await page.getByRole("searchbox").evaluate((element) => element === document.activeElement));
  await page.keyboard.press("Control+K");
  await field(page).waitFor();
  await page.keyboard.type("satl");
  await chosen(page).getByText("Satellites").waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Satellites" }).waitFor();
});

step("arrows choose, what is not there is said, and a click goes too", async () => {
  await page.getByRole("button", { name: "Go to…" }).filter({ visible: true }).click();
  await field(page).fill("audit");
  const names = await options(page).allInnerTexts();
  assert.match(names[0], /^Audit\s/);
  assert.match(names[1], /^Audit events\s/);
  await page.keyboard.press("ArrowDown");
  await chosen(page).getByText("Audit events").waitFor();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  assert.equal(await options(page).last().getAttribute("aria-selected"), "true");
  await field(page).fill("nowhere at all");
  await page.getByText("Nothing matches “nowhere at all”").waitFor();
  await field(page).fill("sess");
  await options(page).filter({ hasText: /^Sessions/ }).click();
  await page.getByRole("heading", { name: "Sessions", level: 1 }).waitFor();
});

step("a target is opened, and its running session is come back to", async () => {
  await page.keyboard.press("Control+K");
  await page.keyboard.type(TARGET);
  await chosen(page).filter({ hasText: "Target" }).waitFor();
  await page.keyboard.press("Enter");
  await attached(page);
  await readable(page);
  await run(page, "echo here $((6 * 7))");
  await sees(page, /^here 42$/);
  // In a shell Ctrl+K is the shell's.
  await page.keyboard.type("echo one two");
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Control+K");
  await run(page, "echo kept $((6 * 7))");
  await sees(page, /^kept 42$/);
  assert.equal(await field(page).count(), 0);
  await page.keyboard.press("Control+Shift+K");
  await page.keyboard.type("my targets");
  await chosen(page).getByText("My targets").waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "My targets" }).waitFor();
  await page.keyboard.press("Control+K");
  await page.keyboard.type(TARGET);
  await options(page).filter({ hasText: "Running session" }).click();
  await attached(page);
  await sees(page, /^here 42$/);
});

step("from a shell with Ctrl+Shift+K, and Esc gives the keys back to it", async () => {
  await page.keyboard.press("Control+Shift+K");
  await field(page).waitFor();
  await page.keyboard.press("Escape");
  await field(page).waitFor({ state: "detached" });
  // The focus is given back a moment after the dialog is gone.
  await within(5_000, "the terminal has the focus", () =>
    page.getByRole("textbox", { name: "Terminal input" }).evaluate((element) => element === document.activeElement));
  await run(page, "echo typed $((40 + 2))");
  await sees(page, /^typed 42$/);
  await endSession(page);
});

step("who may see less is offered less", async () => {
  await page.goto("/targets/");
  await page.evaluate(async (password) => {
    const body = JSON.stringify({ username: "mara", password, role: "user" });
    await fetch("/api/v1/admin/users", { method: "POST", headers: { "content-type": "application/json" }, body });
  }, demo.password);
  const { page: maras, context } = await openWindow(browser, { url: demo.url });
  await signIn(maras, { user: "mara", password: demo.password });
  await maras.keyboard.press("Control+K");
  await options(maras).first().waitFor();
  await maras.getByText("Loading…").waitFor({ state: "detached" });
  const names = (await options(maras).allInnerTexts()).map((text) => text.split(/\s{2,}|\n/)[0]);
  assert.deepEqual(names, ["My targets", "Sessions", "Recordings", "Schedules", "Your account"]);
  await context.close();
});

step("no page complained", () => {
  assert.deepEqual(window.complaints, []);
});

step("pictures", () =>
  shoot(browser, demo, async (other, picture) => {
    await signIn(other, demo);
    await other.getByRole("link", { name: `Open ${TARGET}` }).waitFor();
    await other.getByRole("button", { name: "Go to…" }).filter({ visible: true }).click();
    await options(other).first().waitFor();
    await picture("palette");
    await field(other).fill("se");
    await options(other).first().waitFor();
    await picture("palette-search");
    await other.keyboard.press("Escape");
    await openTarget(other, TARGET);
    await picture("shell-bar");
    await endSession(other);
  }));

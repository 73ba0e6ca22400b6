// An auditor's way through the pages, by keyboard alone: what happened, who did it, what was shown, and the proof as a
// file. They change nothing and open nothing. Run by `npm run e2e`.

import assert from "node:assert/strict";

import { openWindow, within } from "./browser.mjs";
import { endSession, openTarget, readable, run, sees, signIn } from "./console.mjs";
import { press, select, tabTo } from "./keyboard.mjs";
import { shoot, shootPage } from "./shots.mjs";
import { browser, demo, page, step, window } from "./stage.mjs";

const TARGET = "press-4";
const AUDITOR = { user: "audra", password: "the books are open" };

const link = (name) => page.getByRole("navigation").getByRole("link", { name, exact: true }).filter({ visible: true });

step("there is something to audit: a shell of the admin, and a zone that came and went", async () => {
  const { context, page: admins } = await openWindow(browser, { url: demo.url });
  await signIn(admins, demo);
  await admins.evaluate(async ({ user, password }) => {
    const send = (method, path, body) =>
      fetch(`/api/v1/admin/${path}`, { method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body) });
    await send("POST", "users", { username: user, password, role: "auditor" });
    const zone = await (await send("POST", "zones", { name: "plant-8" })).json();
    await send("DELETE", `zones/${zone.id}`);
  }, AUDITOR);
  await openTarget(admins, TARGET);
  await readable(admins);
  await run(admins, "echo the press is $((40+2)) degrees");
  await sees(admins, /the press is 42 degrees/);
  await endSession(admins);
  await context.close();
});

step("they sign in, and see what is theirs to see", async () => {
  await page.goto("/login/");
  await page.getByLabel("User name").waitFor();
  await tabTo(page.getByLabel("User name"));
  await page.keyboard.type(AUDITOR.user);
  await page.keyboard.press("Tab");
  await page.keyboard.type(AUDITOR.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "My targets" }).waitFor();
  assert.equal(await page.getByRole("link", { name: `Open ${TARGET}` }).count(), 0, "auditing grants no target");
  assert.equal(await link("Users").count(), 0, "nor administration");
});

step("the book of sessions says who was where, until when, and how it ended", async () => {
  await press(link("Audit"));
  const table = page.getByRole("table", { name: "Audit" });
  const row = table.getByRole("row").filter({ hasText: TARGET });
  await row.getByText(demo.user).first().waitFor();
  await press(row);
  const dialog = page.getByRole("dialog");
  await dialog.getByText(demo.user).first().waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.ok(await row.evaluate((element) => element === document.activeElement), "the focus is back on the row");
});

step("a person's page and a target's tell who may open what, and everything that names them", async () => {
  const audit = page.getByRole("table", { name: "Audit" });
  await press(audit.getByRole("row").filter({ hasText: TARGET }));
  await press(page.getByRole("dialog").getByRole("link", { name: demo.user, exact: true }));
  await page.getByRole("heading", { name: demo.user }).waitFor();
  const rights = page.getByRole("table", { name: "May open" });
  await rights.getByText("A grant of their own").first().waitFor();
  const events = page.getByRole("table", { name: "Events" });
  await events.getByText("Opened a session").waitFor();
  await shootPage(page, "person");
  await press(rights.getByRole("link", { name: TARGET, exact: true }));
  await page.getByRole("heading", { name: TARGET }).waitFor();
  await page.getByRole("table", { name: "May be opened by" }).getByRole("link", { name: demo.user, exact: true }).waitFor();
  await events.getByText(`Created target ${TARGET}`).waitFor();
  await page.getByRole("table", { name: "Sessions" }).getByText("Completed").first().waitFor();
  await shootPage(page, "target-story");
  await press(link("Audit"));
});

step("they ask why somebody may open a target, and see when sites were alone", async () => {
  const tabs = page.getByRole("navigation", { name: "Audit" });
  await press(tabs.getByRole("link", { name: "Why?" }));
  const person = page.getByLabel("Person");
  await within(5_000, "who is known", async () => (await person.getByRole("option", { name: demo.user }).count()) === 1);
  await select(person, demo.user);
  await select(page.getByLabel("Target"), `${TARGET} (plant-7)`);
  await press(page.getByRole("button", { name: "Ask" }));
  await page.getByText("May open it").first().waitFor();
  await page.getByRole("table", { name: "Grants" }).getByText("the person").waitFor();
  await press(tabs.getByRole("link", { name: "Outages" }));
  await page.getByText("No outages yet").waitFor();
  await press(link("Audit"));
});

step("the recording plays, and stops, and shows what was printed", async () => {
  await press(page.getByRole("link", { name: `Play the recording of ${demo.user} on ${TARGET}` }));
  const player = page.getByRole("main");
  const position = player.getByRole("slider", { name: "Position" });
  await position.waitFor();
  await tabTo(position);
  await page.keyboard.press("End");
  await within(20_000, "its end", async () => (await position.inputValue()) === (await position.getAttribute("max")));
  await page.getByText("the press is 42 degrees").first().waitFor({ state: "attached" });
});

step("a recording is found by what it printed", async () => {
  await press(link("Recordings"));
  const search = page.getByRole("searchbox", { name: "Search in what was printed" });
  await tabTo(search);
  await page.keyboard.type("nobody printed this");
  await page.keyboard.press("Enter");
  await page.getByText("No recording has all of").waitFor();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("degrees 42");
  await page.keyboard.press("Enter");
  const found = page.getByRole("list", { name: "Lines" });
  await found.getByText("the press is 42 degrees").first().waitFor();
  await shootPage(page, "found");
});

step("the events say what was changed, filtered, and are given away as a file", async () => {
  await press(link("Audit"));
  await press(page.getByRole("navigation", { name: "Audit" }).getByRole("link", { name: "Events" }));
  const table = page.getByRole("table", { name: "Events" });
  await table.getByText("Deleted zone plant-8").waitFor();
  const about = page.getByLabel("About");
  await tabTo(about);
  await page.keyboard.type("Zones");
  await within(5_000, "only zones", async () => (await table.getByText(/Opened|Signed in/).count()) === 0);
  await table.getByText("Deleted zone plant-8").waitFor();

  const downloading = page.waitForEvent("download");
  await press(page.getByRole("button", { name: "Export" }));
  await page.getByRole("menuitem", { name: /^CSV/ }).waitFor();
  await page.keyboard.press("Enter");
  const download = await downloading;
  assert.match(download.suggestedFilename(), /^openpam-events-.*\.csv$/);
});

step("that they looked and took a copy is in the events, too", async () => {
  await press(page.getByLabel("About"), "Home");
  const table = page.getByRole("table", { name: "Events" });
  for (const told of [/[Ee]xported/, /[Rr]ecording/]) {
    await table.getByRole("row").filter({ hasText: AUDITOR.user }).filter({ hasText: told }).first().waitFor();
  }
});

step("no page of an administrator answers them", async () => {
  await page.goto("/admin/users/");
  await page.getByText("This page is not for your role").waitFor();
  const status = await page.evaluate(() => fetch("/api/v1/admin/users").then((answer) => answer.status));
  assert.equal(status, 403);
});

step("they sign out", async () => {
  await page.goto("/audit/");
  await page.getByRole("table", { name: "Audit" }).waitFor();
  await press(page.getByRole("button", { name: /^Account: / }).filter({ visible: true }));
  await page.getByRole("menu").locator(":focus").waitFor();
  await page.keyboard.press("End");
  await page.getByRole("menuitem", { name: "Sign out" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Enter");
  await page.getByLabel("User name").waitFor();
});

step("no page complained", () => assert.deepEqual(window.complaints.filter((line) => !line.includes("403")), []));

step("pictures", () =>
  shoot(browser, demo, async (other, picture) => {
    await signIn(other, AUDITOR);
    await picture("auditor-targets");
    await other.goto("/audit/events/");
    await other.getByRole("table", { name: "Events" }).waitFor();
    await picture("auditor-events");
  }));

// Commands to a site, by keyboard alone: a diagnosis, the satellite's log, and what waits while the site is away, for real:
// withdrawn, or done once it is back. Run by `npm run e2e`.

import assert from "node:assert/strict";

import { openWindow } from "./browser.mjs";
import { openTarget, readable, run, sees, signIn } from "./console.mjs";
import { press, select, tabTo } from "./keyboard.mjs";
import { shoot } from "./shots.mjs";
import { browser, demo, page, step, window } from "./stage.mjs";

const TARGET = "press-4";
const ZONE = "plant-7";
const AUDITOR = { user: "audra", password: "the books are open" };
const BOB = { user: "bob", password: "bob opens the press" };
const CARL = { user: "carl", password: "carl opens the press" };
/** A site notices a dead line after half a minute at most, and so does the hub. */
const NOTICED_MS = 60_000;
/** A diagnosis dials every address of the hub. */
const DONE_MS = 60_000;

const link = (on, name) => on.getByRole("navigation").getByRole("link", { name, exact: true }).filter({ visible: true });
const table = (on = page) => on.getByRole("table", { name: "Commands to sites" });
/** The newest first. */
const row = (kind, on = page) => table(on).getByRole("row").filter({ hasText: kind }).first();
const dialog = (on = page) => on.getByRole("dialog");

/** Calls of the API as who is signed in on that page. */
const api = (on, method, path, body) =>
  on.evaluate(
    async ({ method, path, body }) => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`/api/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
      return answer.status === 204 ? null : answer.json();
    },
    { method, path, body },
  );

const focused = (what) => what.evaluate((element) => element === document.activeElement);

/** The windows of those whose sessions are ended and watched. */
const others = {};
let satellite;

step("there are two sessions of others, an auditor, and no command yet", async () => {
  await signIn(page, demo);
  const target = (await api(page, "GET", "targets")).items.find(({ name }) => name === TARGET);
  await api(page, "POST", "admin/users", { username: AUDITOR.user, password: AUDITOR.password, role: "auditor" });
  for (const { user, password } of [BOB, CARL]) {
    const { id } = await api(page, "POST", "admin/users", { username: user, password, role: "user" });
    await api(page, "POST", "admin/grants", { user_id: id, target_id: target.id });
    const { page: theirs } = (others[user] = await openWindow(browser, { url: demo.url }));
    await signIn(theirs, { user, password });
    await openTarget(theirs, TARGET);
    await readable(theirs);
    await run(theirs, "echo here $((40+2))");
    await sees(theirs, /here 42/);
  }
  [satellite] = (await api(page, "GET", "admin/satellites")).items;
  await press(link(page, "Commands"));
  await page.getByText("No command was ordered yet").waitFor();
  await shoot(browser, demo, async (other, picture) => {
    await signIn(other, demo);
    await other.goto("/commands/");
    await other.getByText("No command was ordered yet").waitFor();
    await picture("commands-none");
  });
});

step("a diagnosis is ordered on the satellite's page, and says what it found", async () => {
  await press(page.getByRole("link", { name: "Go to satellites" }));
  await press(page.getByRole("table").getByRole("link").first());
  const section = page.getByRole("region", { name: "Commands" });
  await section.getByText("Nothing was ordered of this satellite yet").waitFor();
  await press(section.getByRole("button", { name: "Diagnose" }));
  await page.getByText(/^Ordered of .*: Diagnose\.$/).waitFor();
  await row("Diagnose").getByText("Done", { exact: true }).waitFor({ timeout: DONE_MS });
  await press(row("Diagnose"));
  await dialog().getByText(/checks, /).waitFor();
  const findings = dialog().getByRole("table", { name: "Findings" });
  await findings.getByRole("row").filter({ hasText: "policy" }).getByRole("img", { name: "As it should be" }).waitFor();
  assert.ok((await findings.getByRole("row").count()) > 5);
  await page.keyboard.press("Escape");
  await dialog().waitFor({ state: "detached" });
  assert.ok(await focused(row("Diagnose")), "the focus is back on the row");
});

step("the satellite's log is collected, looked at and downloaded", async () => {
  await press(page.getByRole("button", { name: "Collect logs" }));
  await row("Collect logs").getByText("Done", { exact: true }).waitFor({ timeout: DONE_MS });
  await press(page.getByRole("link", { name: "All commands of this satellite" }));
  await page.waitForURL(`**/commands/?satellite=${satellite.id}`);
  await press(row("Collect logs"));
  await press(dialog().getByRole("button", { name: "Show its last lines" }));
  const log = dialog().getByRole("region", { name: /^The last \d+ lines$/ });
  await log.getByText(/the hub's command/).first().waitFor();
  const downloading = page.waitForEvent("download");
  await tabTo(dialog().getByRole("link", { name: "Download log" }), "Shift+Tab");
  await page.keyboard.press("Enter");
  const download = await downloading;
  assert.match(download.suggestedFilename(), /^satellite-.*\.log$/);
  const parts = [];
  for await (const part of await download.createReadStream()) parts.push(part);
  assert.match(Buffer.concat(parts).toString(), /the hub's command/);
  await page.keyboard.press("Escape");
  await dialog().waitFor({ state: "detached" });
});

step("pictures of what is done", () =>
  shoot(browser, demo, async (other, picture) => {
    await signIn(other, demo);
    await other.goto("/commands/");
    await row("Diagnose", other).waitFor();
    await picture("commands-done");
    await row("Diagnose", other).click();
    await dialog(other).getByRole("table", { name: "Findings" }).waitFor();
    await picture("command-findings");
    await other.keyboard.press("Escape");
    await row("Collect logs", other).click();
    await dialog(other).getByRole("button", { name: "Show its last lines" }).click();
    await dialog(other).getByRole("region", { name: /^The last/ }).waitFor();
    const { x, width } = await dialog(other).boundingBox();
    assert.ok(x >= 0 && x + width <= other.viewportSize().width, "long lines leave the dialog within the window");
    await picture("command-log");
    await other.goto(`/admin/satellites/satellite/?id=${satellite.id}`);
    await row("Diagnose", other).waitFor();
    await row("Diagnose", other).scrollIntoViewIfNeeded();
    await picture("satellite-commands");
  }));

step("the line is cut: what is ordered waits, with its time", async () => {
  demo.press("c");
  await page.goto(`/admin/satellites/satellite/?id=${satellite.id}`);
  await page.getByText("Offline", { exact: true }).first().waitFor({ timeout: NOTICED_MS });
  await select(page.getByLabel("If it is away, wait"), "10 minutes");
  await press(page.getByRole("button", { name: "Diagnose" }));
  await row("Diagnose").getByText("Waits for the site", { exact: true }).waitFor();
  await row("Diagnose").getByText(/expires in (10|9) min/).waitFor();
  await select(page.getByLabel("If it is away, wait"), "1 week");
  await press(page.getByRole("button", { name: "Collect logs" }));
  await row("Collect logs").getByText(/expires in 7 days/).waitFor();
});

step("a session whose site is away is ended as soon as that is back, if an admin wants it", async () => {
  await press(link(page, "Sessions"));
  await press(page.getByRole("button", { name: `End bob's session on ${TARGET}` }));
  await press(dialog().getByRole("button", { name: "End session" }));
  await dialog().getByRole("alert").waitFor({ timeout: NOTICED_MS });
  await shoot(browser, demo, async (other, picture) => {
    await signIn(other, demo);
    await other.goto("/sessions/");
    await other.getByRole("button", { name: `End bob's session on ${TARGET}` }).click();
    await dialog(other).getByRole("button", { name: "End session" }).click();
    await dialog(other).getByRole("button", { name: "End it as soon as the site is back" }).waitFor({ timeout: NOTICED_MS });
    await picture("end-later");
  });
  await press(dialog().getByRole("button", { name: "End it as soon as the site is back" }));
  await page.getByText(`The session on ${TARGET} ends as soon as ${ZONE} is back.`).waitFor();
});

step("one that cannot be watched now is asked for", async () => {
  await press(page.getByRole("link", { name: `Watch carl's session on ${TARGET}` }));
  await press(page.getByRole("button", { name: "Watch as soon as it is back" }));
  await shoot(browser, demo, async (other, picture) => {
    await signIn(other, demo);
    await other.goto("/sessions/");
    await other.getByRole("link", { name: `Watch carl's session on ${TARGET}` }).click();
    await other.getByRole("button", { name: "Watch as soon as it is back" }).waitFor();
    await picture("watch-later");
  });
  await press(page.getByRole("link", { name: "To the command" }));
  await dialog().getByText("Waits for the site", { exact: true }).waitFor();
  await shoot(browser, demo, async (other, picture) => {
    await signIn(other, demo);
    await other.goto("/commands/?unfinished=1");
    await row("Watch a session", other).waitFor();
    await picture("commands-waiting");
    await row("Collect logs", other).click();
    await dialog(other).getByRole("button", { name: "Withdraw…" }).waitFor();
    await picture("command-waits");
  });
  await page.keyboard.press("Escape");
});

step("one is withdrawn, after a question", async () => {
  await page.goto(`/commands/?satellite=${satellite.id}&unfinished=1`);
  await table().getByRole("row").nth(4).waitFor();
  await press(row("Collect logs"));
  await press(dialog().getByRole("button", { name: "Withdraw…" }));
  const asked = page.getByRole("dialog", { name: "Withdraw “Collect logs”?" });
  await press(asked.getByRole("button", { name: "Withdraw", exact: true }));
  await asked.waitFor({ state: "detached" });
  await dialog().getByText("Withdrawn", { exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await row("Collect logs").waitFor({ state: "detached" });
});

step("the line is back: the others are done, and nothing is unfinished", async () => {
  demo.press("r");
  await page.getByText("Nothing is unfinished").waitFor({ timeout: NOTICED_MS + DONE_MS });
  await press(page.getByRole("button", { name: "Show all" }));
  await row("End a session").getByText(`bob on ${TARGET}`).waitFor();
  for (const kind of ["Diagnose", "End a session", "Watch a session"]) await row(kind).getByText("Done", { exact: true }).waitFor();
  await row("Collect logs").getByText("Withdrawn", { exact: true }).waitFor();
  await others.bob.page.getByText("An administrator ended this session").waitFor({ timeout: NOTICED_MS });
});

step("from the answer one goes on to watch", async () => {
  await press(row("Watch a session"));
  await press(dialog().getByRole("link", { name: "Watch now" }));
  await page.locator('[data-phase="open"]').filter({ visible: true }).waitFor({ timeout: NOTICED_MS });
  await page.getByText("You watch carl").first().waitFor();
});

step("an auditor sees all of it and orders nothing; a user sees nothing", async () => {
  const { context, page: theirs, complaints } = await openWindow(browser, { url: demo.url });
  await signIn(theirs, AUDITOR);
  await press(link(theirs, "Commands"));
  await table(theirs).getByRole("row").nth(5).waitFor();
  await select(theirs.getByLabel("Site", { exact: true }), `${satellite.name} (${ZONE})`);
  await press(table(theirs).getByRole("row").filter({ hasText: "Collect logs" }).filter({ hasText: "Done" }));
  await dialog(theirs).getByText("Administrators may read what was collected").waitFor();
  assert.equal(await dialog(theirs).getByRole("link", { name: "Download log" }).count(), 0);
  assert.deepEqual(complaints, []);
  await context.close();
  await others.carl.page.goto("/commands/");
  await others.carl.page.getByText("This page is not for your role").waitFor();
  assert.equal(await link(others.carl.page, "Commands").count(), 0);
});

step("what was ordered stands in the audit", async () => {
  await page.goto("/audit/events/?kind=command.");
  const events = page.getByRole("table", { name: "Events" });
  for (const told of ["Ordered of a site: collect logs", "Withdrew a command to a site", "Read the log that a site sent", "A command to a site is over: done"]) {
    await events.getByText(told).first().waitFor();
  }
});

// That a site is away the page says in words.
step("no page complained", () => assert.deepEqual(window.complaints.filter((line) => !line.includes("503")), []));

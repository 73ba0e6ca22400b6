// An administrator's way through the pages, by keyboard alone: change, disable and delete everything that is kept, and the
// own account. Run by `npm run e2e`.

import assert from "node:assert/strict";

import { openWindow, within } from "./browser.mjs";
import { attached, openTarget, signIn } from "./console.mjs";
import { chooseIn, pick, press, select, tabTo, write } from "./keyboard.mjs";
import { shoot, shootPage } from "./shots.mjs";
import { browser, demo, page, step, window } from "./stage.mjs";

const TARGET = "press-4";
const SPARE = "spare-1";
const ZONE = "plant-7";

const row = (name, on = page) => on.getByRole("row").filter({ hasText: name });
const dialog = (on = page) => on.getByRole("dialog");

/** Chooses in the menu of one row. */
const choose = (name, item, on = page) => chooseIn(on.getByRole("button", { name: `Change ${name}`, exact: true }), item);

/** Confirms what the dialog asks. */
const confirm = (action) => press(dialog().getByRole("button", { name: action, exact: true }));

/** What was downloaded. */
async function text(download) {
  const parts = [];
  for await (const part of await download.createReadStream()) parts.push(part);
  return Buffer.concat(parts).toString();
}

const save = (on = page) => press(dialog(on).getByRole("button", { name: "Save" }));

/** To another page by its name in the navigation. */
const go = (name) => press(page.getByRole("navigation").getByRole("link", { name, exact: true }).filter({ visible: true }));

step("a target is changed by keyboard alone, and the focus is back where it was", async () => {
  await signIn(page, demo);
  await go("Targets");
  const actions = page.getByRole("button", { name: `Change ${TARGET}` });
  await actions.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Edit…" }).waitFor();
  await page.keyboard.press("Enter");
  await dialog().getByRole("heading", { name: `Edit target ${TARGET}` }).waitFor();
  for (let field = 0; field < 5; field += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("The press in the north hall");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText(`Target ${TARGET} is changed.`).waitFor();
  await row(TARGET).getByText("The press in the north hall").waitFor();
  await dialog().waitFor({ state: "detached" });
  assert.ok(await actions.evaluate((button) => button === document.activeElement), "the focus is on the row's menu again");
});

step("a target is tested, and a test that fails says where", async () => {
  await go("Targets");
  await choose(TARGET, "Test connection…");
  await dialog().getByText("The target let").waitFor();
  await shootPage(page, "tested");
  await press(dialog().getByRole("button", { name: "Close" }).last());
  await press(page.getByRole("button", { name: "Create target" }));
  await select(dialog().getByLabel("Zone"), ZONE);
  await write(dialog().getByLabel("Name"), "nobody-home");
  await write(dialog().getByLabel("Host"), "127.0.0.1");
  await write(dialog().getByLabel("Port"), "1");
  await pick(dialog().getByRole("radio", { name: "Also old ones", exact: true }));
  await dialog().getByText("SHA-1, CBC and 3DES").waitFor();
  await press(dialog().getByRole("button", { name: "Create target" }));
  await choose("nobody-home", "Test connection…");
  await dialog().getByText("It failed at the hub").waitFor();
  await dialog().getByText("add one first").waitFor();
  await page.keyboard.press("Escape");
  await go("Credentials");
  await press(page.getByRole("button", { name: "Create credential" }));
  await select(dialog().getByLabel("Target"), `nobody-home (${ZONE})`);
  await write(dialog().getByLabel("Account"), "root");
  await pick(dialog().getByRole("radio", { name: "Private key", exact: true }));
  await write(dialog().getByRole("textbox", { name: "Private key" }), "ssh-ed25519 AAAA");
  await press(dialog().getByRole("button", { name: "Create credential" }));
  await dialog().getByText("a public key (.pub) is not meant").waitFor();
  await pick(dialog().getByRole("radio", { name: "Password", exact: true }));
  await write(dialog().getByRole("textbox", { name: "Password" }), "secret");
  await press(dialog().getByRole("button", { name: "Create credential" }));
  await dialog().waitFor({ state: "detached" });
  await go("Targets");
  await choose("nobody-home", "Test connection…");
  await dialog().getByText("It failed at the target").waitFor();
  await dialog().getByText("connection refused").waitFor();
  await shootPage(page, "test-failed");
  await page.keyboard.press("Escape");
  await choose("nobody-home", "Delete…");
  await confirm("Delete");
  await row("nobody-home").waitFor({ state: "detached" });
});

step("of two who edit the same target the second is told, and what they typed stays", async () => {
  await choose(TARGET, "Edit…");
  await write(dialog().getByLabel("Description"), "Typed by the second");
  const { page: other, context } = await openWindow(browser, { url: demo.url });
  await signIn(other, demo);
  await other.goto("/admin/targets/");
  await choose(TARGET, "Edit…", other);
  await write(dialog(other).getByLabel("Description"), "Typed by the first");
  await save(other);
  await row(TARGET, other).getByText("Typed by the first").waitFor();
  await context.close();
  await save();
  await dialog().getByRole("alert").getByText("Somebody changed this target meanwhile").waitFor();
  assert.equal(await dialog().getByLabel("Description").inputValue(), "Typed by the second");
  await page.keyboard.press("Escape");
  await row(TARGET).getByText("Typed by the first").waitFor();
});

step("a sign-in that ends in mid-form is given again in place, and what was typed stays", async () => {
  await choose(TARGET, "Edit…");
  await write(dialog().getByLabel("Description"), "Typed before the end");
  await page.evaluate(() => fetch("/api/v1/auth/logout", { method: "POST" }));
  await save();
  const again = page.getByRole("dialog", { name: "Sign in again" });
  await again.waitFor();
  await page.keyboard.press("Escape");
  await shootPage(page, "sign-in-again");
  await page.keyboard.type("not it");
  await page.keyboard.press("Enter");
  await again.getByRole("alert").getByText("Wrong user name or password.").waitFor();
  await page.keyboard.type(demo.password);
  await page.keyboard.press("Enter");
  await again.waitFor({ state: "detached" });
  assert.equal(await dialog().getByLabel("Description").inputValue(), "Typed before the end");
  await save();
  await row(TARGET).getByText("Typed before the end").waitFor();
  await choose(TARGET, "Edit…");
  await write(dialog().getByLabel("Description"), "Typed by the first");
  await save();
  await row(TARGET).getByText("Typed by the first").waitFor();
});

step("a bad change is refused at its field", async () => {
  await choose(TARGET, "Edit…");
  await write(dialog().getByLabel("Host"), "not a host");
  await save();
  await dialog().getByText("Hostname is a DNS name or an IP address.").waitFor();
  await page.keyboard.press("Escape");
});

step("a credential gets another secret, and is deleted with its target", async () => {
  await press(page.getByRole("button", { name: "Create target" }));
  await select(dialog().getByLabel("Zone"), ZONE);
  await write(dialog().getByLabel("Name"), SPARE);
  await write(dialog().getByLabel("Host"), "127.0.0.1");
  await press(dialog().getByRole("button", { name: "Create target" }));
  await row(SPARE).waitFor();

  await go("Credentials");
  await press(page.getByRole("button", { name: "Create credential" }));
  await select(dialog().getByLabel("Target"), `${SPARE} (${ZONE})`);
  await write(dialog().getByLabel("Account"), "fitter");
  await write(dialog().getByLabel("Password", { exact: true }).and(page.getByRole("textbox")), "the first secret");
  await press(dialog().getByRole("button", { name: "Create credential" }));
  const account = `fitter on ${SPARE}`;
  await choose(account, "Edit…");
  await pick(dialog().getByRole("radio", { name: "New password", exact: true }));
  await write(dialog().getByRole("textbox", { name: "Password" }), "the second secret");
  await save();
  await page.getByText(`The credential of ${account} is changed.`).waitFor();
  await choose(account, "Disable…");
  await confirm("Disable");
  await row("fitter").getByText("Disabled").waitFor();

  await go("Targets");
  await choose(SPARE, "Delete…");
  await dialog().getByText("its credentials are deleted with their secrets").waitFor();
  await confirm("Delete");
  await page.getByText(`Target ${SPARE} is deleted.`).waitFor();
  await row(SPARE).waitFor({ state: "detached" });
  await go("Credentials");
  await page.getByRole("table", { name: "Credentials" }).waitFor();
  await row("fitter").waitFor({ state: "detached" });
});

step("a user gets another role and password, and is deleted; one's own account stays", async () => {
  await go("Users");
  await press(page.getByRole("button", { name: "Create user" }));
  await write(dialog().getByLabel("User name"), "mara");
  await write(dialog().getByRole("textbox", { name: "Password" }), demo.password);
  await press(dialog().getByRole("button", { name: "Create user" }));
  await choose("mara", "Edit…");
  await write(dialog().getByLabel("Display name"), "Mara Voss");
  await pick(dialog().getByRole("radio", { name: "Auditor", exact: true }));
  await write(dialog().getByRole("textbox", { name: "New password" }), "another long password");
  await save();
  await row("Mara Voss").getByText("Auditor").waitFor();

  const { page: maras, context } = await openWindow(browser, { url: demo.url });
  await signIn(maras, { user: "mara", password: "another long password" });
  await context.close();

  await press(page.getByRole("button", { name: `Change ${demo.user}` }));
  const own = page.getByRole("menuitem", { name: "Delete…" });
  assert.equal(await own.getAttribute("aria-disabled"), "true");
  assert.equal(await own.getAttribute("title"), "This is your own account");
  await page.keyboard.press("Escape");

  await choose("mara", "Delete…");
  await confirm("Delete");
  await row("Mara Voss").waitFor({ state: "detached" });
});

step("a group is renamed and deleted", async () => {
  await go("Groups");
  await press(page.getByRole("button", { name: "Create group" }).first());
  await write(dialog().getByLabel("Name"), "Fitters");
  await press(dialog().getByRole("button", { name: "Create group" }));
  await dialog().getByRole("heading", { name: "Members of Fitters" }).waitFor();
  await page.keyboard.press("Escape");
  await choose("Fitters", "Edit…");
  await write(dialog().getByLabel("Name"), "Welders");
  await save();
  await row("Welders").waitFor();
  await choose("Welders", "Delete…");
  await confirm("Delete");
  await row("Welders").waitFor({ state: "detached" });
});

step("a grant by label opens what has the label, as long as it has it", async () => {
  await go("Users");
  await press(page.getByRole("button", { name: "Create user" }));
  await write(dialog().getByLabel("User name"), "lena");
  await write(dialog().getByRole("textbox", { name: "Password" }), demo.password);
  await press(dialog().getByRole("button", { name: "Create user" }));
  await page.getByText("User lena is created.").waitFor();

  await go("Targets");
  await choose(TARGET, "Edit…");
  await write(dialog().getByLabel("Labels"), "env=test, line 3");
  await save();
  await dialog().getByText("A label is key=value").waitFor();
  await write(dialog().getByLabel("Labels"), "env=test, line=3");
  await save();
  await page.getByRole("list", { name: `Labels of ${TARGET}` }).getByText("line=3").waitFor();

  await go("Grants");
  await press(page.getByRole("button", { name: "Create grant" }));
  await select(dialog().getByLabel("User", { exact: true }), "lena");
  await pick(dialog().getByRole("radio", { name: "A label", exact: true }));
  await write(dialog().getByRole("combobox", { name: "Label" }), "env=test");
  await press(dialog().getByRole("button", { name: "Create grant" }));
  await page.getByText("lena may open every target with env=test.").waitFor();
  await row("lena").getByText("Every target with this label").waitFor();

  const { page: lenas, context } = await openWindow(browser, { url: demo.url });
  await signIn(lenas, { ...demo, user: "lena" });
  await openTarget(lenas, TARGET);
  await lenas.close();

  // The grant gets terms: a text to agree to, and an idle limit whose last warning comes after a second.
  const grant = "lena on every target with env=test";
  await choose(grant, "Edit…");
  await write(dialog().getByLabel("Idle limit"), "1.02");
  await write(dialog().getByLabel("Text to agree to"), "You are recorded.\nCall the shift lead first.");
  await select(dialog().getByLabel("Without the hub"), "8 hours");
  await shootPage(page, "terms");
  await save();
  await row("lena").getByText("Ends when idle for 1 min · text to agree to · 8 hours without the hub").waitFor();

  const again = await context.newPage();
  await again.goto("/targets/");
  await press(again.getByRole("link", { name: `Open ${TARGET}` }));
  const text = again.getByRole("region", { name: "What you agree to" });
  await text.getByText("Call the shift lead first.").waitFor();
  assert.ok(await text.evaluate((element) => element === document.activeElement), "the focus is on the text");
  await shootPage(again, "consent");
  await again.keyboard.press("Tab");
  await again.keyboard.press("Tab");
  await again.keyboard.press("Enter");
  await attached(again);
  await again.getByText("Type something to keep it").waitFor();
  await shootPage(again, "idle");
  await again.keyboard.type("x");
  await again.getByText("Type something to keep it").waitFor({ state: "detached" });

  await go("Targets");
  await choose(TARGET, "Edit…");
  await write(dialog().getByLabel("Labels"), "line=3");
  await save();
  await again.getByText("This target is not granted to you").waitFor();
  await context.close();
});

/** Types a moment into a field for date and time, part by part. */
async function writeTime(field, date, time) {
  await tabTo(field);
  await page.keyboard.type(date);
  // The year may have more digits.
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type(time);
}

step("a grant in windows shows the next ones, and its target says when it opens", async () => {
  await go("Grants");
  await press(page.getByRole("button", { name: "Create grant" }));
  await select(dialog().getByLabel("User", { exact: true }), "lena");
  await select(dialog().getByLabel("Target", { exact: true }), `${TARGET} (${ZONE})`);
  await pick(dialog().getByRole("radio", { name: "In windows" }));
  await writeTime(dialog().getByLabel("Begins"), "03072044", "1000PM");
  await writeTime(dialog().getByLabel("Ends"), "03082044", "0600AM");
  await write(dialog().getByLabel("Time zone"), "America/New_York");
  await select(dialog().getByLabel("Repeats"), "Monday to Friday");
  const windows = dialog().getByRole("table");
  await windows.getByText("2044-03-10 22:00 – 2044-03-11 06:00").waitFor();
  await write(dialog().getByLabel("Left out"), "2044-03-10, tomorrow");
  await press(dialog().getByRole("button", { name: "Create grant" }));
  await dialog().getByText("Write dates such as 2026-12-24").waitFor();
  await write(dialog().getByLabel("Left out"), "2044-03-10");
  await windows.getByText("2044-03-10 22:00").waitFor({ state: "detached" });
  // The clocks go forward on the 13th: ten in the evening stays ten in the evening.
  await windows.getByText("2044-03-14 22:00 – 2044-03-15 06:00").waitFor();
  await shootPage(page, "schedule");
  await press(dialog().getByRole("button", { name: "Create grant" }));
  await page.getByText(`lena may open ${TARGET}.`).waitFor();
  await row("lena").getByText("Monday to Friday 22:00 to 06:00 (America/New_York)").waitFor();

  const { page: lenas, context } = await openWindow(browser, { url: demo.url });
  await signIn(lenas, { ...demo, user: "lena" });
  await lenas.getByText("Opens Mar 8, 2044").filter({ visible: true }).waitFor();
  await shootPage(lenas, "opens-later");
  await press(lenas.getByRole("link", { name: `Open ${TARGET}` }));
  await lenas.getByText("No access window is open now").waitFor();
  await shootPage(lenas, "outside-window");
  await context.close();
});

/** A moment so many hours from now on a zone's clocks, as one types it into a field for date and time. */
function typed(hours, timeZone) {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, hour12: true, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
  const part = Object.fromEntries(format.formatToParts(Date.now() + hours * 3_600_000).map(({ type, value }) => [type, value]));
  return [`${part.month}${part.day}${part.year}`, `${part.hour}${part.minute}${part.dayPeriod}`];
}

/** Through the API, as this page's user. */
const post = (path, body) =>
  page.evaluate(async ([path, body]) => {
    const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    return answer.json();
  }, [path, body]);

const SITE = "Asia/Kolkata";

step("a schedule begins on its site's clocks, stands in the calendar, opens its target, and is cancelled", async () => {
  await go("Zones");
  await press(page.getByRole("link", { name: ZONE }));
  await chooseIn(page.getByRole("button", { name: "Change", exact: true }), "Edit…");
  await write(dialog().getByLabel("Time zone"), "Mars/Olympus");
  await save();
  await dialog().getByText("Timezone is a name of the IANA database").waitFor();
  await write(dialog().getByLabel("Time zone"), SITE);
  await save();
  await page.getByText(`Time zone ${SITE}`).waitFor();

  await go("Schedules");
  await press(page.getByRole("button", { name: "Create schedule" }));
  await select(dialog().getByLabel("User", { exact: true }), "lena");
  await select(dialog().getByLabel("Target", { exact: true }), `${TARGET} (${ZONE})`);
  assert.equal(await dialog().getByLabel("Time zone").inputValue(), SITE);
  await writeTime(dialog().getByLabel("Begins"), ...typed(-30, SITE));
  await writeTime(dialog().getByLabel("Ends"), ...typed(-29, SITE));
  await press(dialog().getByRole("button", { name: "Create schedule" }));
  await dialog().getByText("This window is over: it would never open.").waitFor();
  await writeTime(dialog().getByLabel("Begins"), ...typed(-1, SITE));
  await writeTime(dialog().getByLabel("Ends"), ...typed(8, SITE));
  await dialog().getByRole("columnheader", { name: `In ${SITE}` }).waitFor();
  await press(dialog().getByRole("button", { name: "Create schedule" }));
  await page.getByText(`The schedule of lena on ${TARGET} is created.`).waitFor();

  // From day to day by the arrow keys, over a month's end and back.
  const today = new Date().toISOString().slice(0, 10);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-date"));
  await tabTo(page.locator(`[data-date="${today}"]`));
  await page.keyboard.press("PageDown");
  await within(5_000, "the next month", async () => ((await focused()) ?? today).slice(0, 7) > today.slice(0, 7));
  await page.keyboard.press("PageUp");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Home");
  const monday = await focused();
  assert.equal(new Date(`${monday}T00:00Z`).getUTCDay(), 1);

  const inCalendar = page.getByRole("button", { name: `lena on ${TARGET}` }).filter({ visible: true });
  await press(inCalendar.first());
  await dialog().getByRole("heading", { name: `lena on ${TARGET}` }).waitFor();
  await dialog().getByText("Open now").waitFor();
  await dialog().getByRole("columnheader", { name: `In ${SITE}` }).waitFor();
  await press(dialog().getByRole("button", { name: "Edit" }));
  await dialog().getByRole("columnheader", { name: `In ${SITE}` }).waitFor();
  await write(dialog().getByLabel("Idle limit"), "15");
  await save();
  await page.getByText(`The schedule of lena on ${TARGET} is changed.`).waitFor();
  await dialog().waitFor({ state: "detached" });
  assert.ok(await inCalendar.evaluateAll((found) => found.includes(document.activeElement)), "the focus is on the calendar's window again");

  // Its user sees it and opens the target, and cannot change it.
  const { page: lenas, context } = await openWindow(browser, { url: demo.url });
  await signIn(lenas, { ...demo, user: "lena" });
  await press(lenas.getByRole("navigation").getByRole("link", { name: "Schedules" }));
  await press(lenas.getByRole("button", { name: TARGET }).filter({ visible: true }).first());
  await dialog(lenas).getByText("Ends when idle for 15 min").waitFor();
  assert.equal(await lenas.getByRole("button", { name: /Create schedule|Edit|Cancel schedule/ }).count(), 0);
  await lenas.keyboard.press("Escape");
  await lenas.goto("/targets/");
  await openTarget(lenas, TARGET);

  // A month with more in it, for the pictures.
  const { id, user_id, target_id } = (await page.evaluate(() => fetch("/api/v1/schedules").then((answer) => answer.json()))).items[0];
  const month = new Date().toISOString().slice(0, 8);
  const more = [
    { start_time: `${month}01T00:30:00Z`, end_time: `${month}01T08:30:00Z`, recurrence_rule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR" },
    { start_time: `${month}01T14:30:00Z`, end_time: `${month}02T00:30:00Z`, recurrence_rule: "FREQ=WEEKLY;BYDAY=TU,SA" },
    { start_time: `${month}03T10:00:00Z`, end_time: `${month}05T10:00:00Z`, recurrence_rule: "FREQ=MONTHLY;BYMONTHDAY=3,12,13,20", metadata: { ticket: "CHG-1207" } },
    { start_time: `${month}01T11:00:00Z`, end_time: `${month}01T12:00:00Z`, recurrence_rule: "FREQ=WEEKLY;BYDAY=TU,TH" },
    { start_time: `${month}01T12:15:00Z`, end_time: `${month}01T13:00:00Z`, recurrence_rule: "FREQ=WEEKLY;BYDAY=TU" },
  ];
  for (const each of more) await post("/api/v1/schedules", { user_id, target_id, timezone: SITE, ...each });
  await shoot(browser, demo, async (other, picture) => {
    await signIn(other, demo);
    await other.goto("/schedules/");
    await other.getByRole("button", { name: `lena on ${TARGET}` }).filter({ visible: true }).first().waitFor();
    await picture("schedules");
    await other.getByRole("radio", { name: "List" }).check({ force: true });
    await other.getByRole("table", { name: "Schedules" }).waitFor();
    await picture("schedules-list");
    await row("By a rule", other).or(row(TARGET, other)).first().click();
    await dialog(other).getByText("Next windows").waitFor();
    await picture("schedule-details");
    await other.keyboard.press("Escape");
    await other.getByRole("button", { name: "Create schedule" }).click();
    await dialog(other).waitFor();
    await picture("schedule-create");
  });
  await page.evaluate(async (keep) => {
    const { items } = await fetch("/api/v1/schedules").then((answer) => answer.json());
    for (const { id } of items) if (id !== keep) await fetch(`/api/v1/schedules/${id}`, { method: "DELETE" });
  }, id);

  await go("Schedules");
  await pick(page.getByRole("radio", { name: "List" }));
  await select(page.getByLabel("State", { exact: true }), "Open now");
  await row("Cancelled").first().waitFor({ state: "detached" });
  await press(row("lena"));
  await press(dialog().getByRole("button", { name: "Cancel schedule…" }));
  await confirm("Cancel schedule");
  await page.getByText(`The schedule of lena on ${TARGET} is cancelled.`).waitFor();
  await lenas.getByText("Your access window is over", { exact: true }).waitFor();
  await page.getByText("No schedule stands so").waitFor();
  await context.close();
});

step("all sessions in a zone are ended at once", async () => {
  const { page: other, context } = await openWindow(browser, { url: demo.url });
  await signIn(other, demo);
  await openTarget(other, TARGET);
  await go("Zones");
  await press(page.getByRole("link", { name: ZONE }));
  await chooseIn(page.getByRole("button", { name: "Change", exact: true }), "End all sessions…");
  await confirm("End all");
  await page.getByText("1 session is ended.").waitFor();
  await other.getByText("An administrator ended this session").waitFor();
  await context.close();
});

step("a site says by which policy it decides, who gets in there without the hub, and why", async () => {
  await go("Satellites");
  await row(ZONE).getByText(/^v\d+/).waitFor();
  await go("Zones");
  await press(page.getByRole("link", { name: ZONE }));
  await page.getByText(/^v\d+, the newest$/).waitFor();
  const alone = page.getByRole("table", { name: "If its line dies now" });
  await alone.getByRole("row").filter({ hasText: demo.user }).filter({ hasText: TARGET }).waitFor();
  await page.getByText("No outages of this site yet").waitFor();
  await press(alone.getByRole("link", { name: `Why? ${demo.user} (${TARGET})` }));
  const grants = page.getByRole("table", { name: "Grants" });
  await grants.getByText("Counts").waitFor();
  assert.equal(await page.getByText("May open it").count(), 2, "by the hub, and at the site");

  await go("Grants");
  await press(page.getByRole("main").getByRole("link", { name: "Why?" }));
  await page.getByText("Choose a person and a target").waitFor();
  await select(page.getByLabel("Person"), "lena");
  await select(page.getByLabel("Target"), `${TARGET} (${ZONE})`);
  await press(page.getByRole("button", { name: "Ask" }));
  await page.getByText("May not open it").first().waitFor();
  await page.getByText("holds from").first().waitFor();
});

step("a zone is renamed, and is deleted only once nothing stands in it", async () => {
  await go("Zones");
  await press(page.getByRole("link", { name: ZONE }));
  await chooseIn(page.getByRole("button", { name: "Change", exact: true }), "Delete…");
  await confirm("Delete");
  await dialog().getByText("A satellite serves this zone: revoke it first.").waitFor();
  await page.keyboard.press("Escape");

  await go("Zones");
  await press(page.getByRole("button", { name: "Create zone" }));
  await write(dialog().getByLabel("Name"), "plant-8");
  await press(dialog().getByRole("button", { name: "Create zone" }));
  await page.getByRole("heading", { name: "plant-8" }).waitFor();
  await chooseIn(page.getByRole("button", { name: "Change", exact: true }), "Edit…");
  await write(dialog().getByLabel("Name"), "plant-9");
  await write(dialog().getByLabel("Keep recordings for"), "30");
  await dialog().getByText("are deleted for good, within a minute of saving").waitFor();
  await save();
  await page.getByRole("heading", { name: "plant-9" }).waitFor();
  await page.getByText("30 days after the end of their session").waitFor();
  await chooseIn(page.getByRole("button", { name: "Change", exact: true }), "Delete…");
  await confirm("Delete");
  await page.getByRole("heading", { name: "Zones" }).waitFor();
  await row(ZONE).waitFor();
  await row("plant-9").waitFor({ state: "detached" });
});

step("the audit tells all of it, filtered, and gives it away as a file", async () => {
  await go("Audit");
  await press(page.getByRole("navigation", { name: "Audit" }).getByRole("link", { name: "Events" }));
  const table = page.getByRole("table", { name: "Events" });
  await table.getByText("Deleted zone plant-9").first().waitFor();
  await select(page.getByLabel("About"), "Targets");
  await table.getByText(`Deleted target ${SPARE}`).waitFor();
  await table.getByText("Deleted zone plant-9").waitFor({ state: "detached" });
  const changed = table.getByRole("row").filter({ hasText: "description The press in the north hall → Typed by the first" });
  await press(changed);
  await dialog().getByText("target.changed").waitFor();
  await dialog().getByLabel("Details").getByText("Typed by the first").waitFor();
  await page.keyboard.press("Escape");

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    chooseIn(page.getByRole("button", { name: "Export" }), /^CSV/),
  ]);
  assert.match(download.suggestedFilename(), /^openpam-events-\d{8}T\d+(\.\d+)?Z\.csv$/);
  const lines = (await text(download)).trimEnd().split("\r\n");
  assert.ok(lines.length > 3 && lines.slice(1).every((line) => line.includes(",target.")), lines.join("\n"));
  assert.equal(page.url().includes("/audit/events/"), true, "the page stays");
});

step("one's own account shows where one is signed in, signs a browser out, and changes the password", async () => {
  const { page: other, context } = await openWindow(browser, { url: demo.url });
  await signIn(other, demo);
  await go("My targets");
  await chooseIn(page.getByRole("button", { name: /^Account: / }).filter({ visible: true }), "Your account");
  const table = page.getByRole("table", { name: "Sign-ins" });
  await table.getByText("This browser").waitFor();
  const others = table.getByRole("button", { name: /^Sign out Chrome on Linux/ });
  const before = await others.count();
  await press(others.first());
  await page.getByText("Chrome on Linux is signed out.").waitFor();
  await within(5_000, "its row is gone", async () => (await others.count()) === before - 1);
  await other.goto("/sessions/");
  await other.getByLabel("User name").waitFor();

  const change = async (current, next, again = next) => {
    await write(page.getByLabel("Current password"), current);
    await write(page.getByLabel("New password", { exact: true }), next);
    await write(page.getByLabel("New password again"), again);
    await press(page.getByRole("button", { name: "Change password" }));
  };
  await change(demo.password, "another long password", "another typed password");
  await page.getByText("This is not the same password.").waitFor();
  await change("not the current one", "another long password");
  await page.getByText("This is not your current password.").waitFor();
  await change(demo.password, "another long password");
  await page.getByText("Your password is changed.").waitFor();
  await signIn(other, { ...demo, password: "another long password" });
  await change("another long password", demo.password);
  await within(5_000, "the fields are empty again", async () => (await page.getByLabel("Current password").inputValue()) === "");

  await press(page.getByRole("button", { name: "Sign out everywhere" }));
  await confirm("Sign out everywhere");
  await page.getByLabel("User name").waitFor();
  await context.close();
});

step("no page complained", () => assert.deepEqual(window.complaints, []));

step("pictures", () =>
  shoot(browser, demo, async (other, picture) => {
    await signIn(other, demo);
    await other.goto("/admin/targets/");
    await other.getByRole("button", { name: `Change ${TARGET}` }).click();
    await other.getByRole("menuitem", { name: "Edit…" }).waitFor();
    await picture("target-menu");
    await other.getByRole("menuitem", { name: "Edit…" }).click();
    await dialog(other).waitFor();
    await picture("target-edit");
    await other.keyboard.press("Escape");
    await choose(TARGET, "Delete…", other);
    await dialog(other).waitFor();
    await picture("target-delete");
    await other.goto("/audit/events/");
    await other.getByRole("table", { name: "Events" }).waitFor();
    await picture("events");
    await other.getByRole("row").filter({ hasText: "Changed target" }).first().click();
    await dialog(other).waitFor();
    await picture("event");
    await other.goto("/admin/satellites/");
    await row(ZONE, other).getByRole("link").first().waitFor();
    await picture("satellites");
    await other.goto("/admin/zones/");
    await row(ZONE, other).getByRole("link").first().click();
    await other.getByRole("table", { name: "If its line dies now" }).scrollIntoViewIfNeeded();
    await picture("zone-alone");
    await other.getByRole("link", { name: `Why? ${demo.user} (${TARGET})` }).click();
    await other.getByText("Counts").first().waitFor();
    await picture("why");
    await other.goto("/account/");
    await other.getByRole("table", { name: "Sign-ins" }).waitFor();
    await picture("account");
    await other.goto("/admin/users/");
    await choose(demo.user, "Edit…", other);
    await dialog(other).waitFor();
    await picture("user-edit");
    await other.goto("/admin/credentials/");
    await other.getByRole("button", { name: /^Change / }).first().click();
    await other.getByRole("menuitem", { name: "Edit…" }).click();
    await dialog(other).getByText("New private key", { exact: true }).click();
    await picture("credential-edit");
  }));

// An administrator's way through the pages: change, disable and delete everything that is kept, and the own account. Run by `npm run e2e`.

import assert from "node:assert/strict";
import { after, before } from "node:test";

import { launch, openWindow, within } from "./browser.mjs";
import { attached, openTarget, signIn } from "./console.mjs";
import { startDemo } from "./demo.mjs";
import { shoot, shootPage } from "./shots.mjs";
import { steps } from "./steps.mjs";

const TARGET = "press-4";
const SPARE = "spare-1";
const ZONE = "plant-7";

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

const row = (name, on = page) => on.getByRole("row").filter({ hasText: name });
const dialog = (on = page) => on.getByRole("dialog");

/** Chooses in the menu of one row. */
async function choose(name, item, on = page) {
  await on.getByRole("button", { name: `Change ${name}`, exact: true }).click();
  await on.getByRole("menuitem", { name: item }).click();
}

/** Confirms what the dialog asks. */
const confirm = (action) => dialog().getByRole("button", { name: action, exact: true }).click();

/** What was downloaded. */
async function text(download) {
  const parts = [];
  for await (const part of await download.createReadStream()) parts.push(part);
  return Buffer.concat(parts).toString();
}

const save = (on = page) => dialog(on).getByRole("button", { name: "Save" }).click();

step("a target is changed by keyboard alone, and the focus is back where it was", async () => {
  await signIn(page, demo);
  await page.goto("/admin/targets/");
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
  await page.goto("/admin/targets/");
  await choose(TARGET, "Test connection…");
  await dialog().getByText("The target let").waitFor();
  await shootPage(page, "tested");
  await dialog().getByRole("button", { name: "Close" }).last().click();
  await page.getByRole("button", { name: "Create target" }).click();
  await dialog().getByLabel("Zone").selectOption({ label: ZONE });
  await dialog().getByLabel("Name").fill("nobody-home");
  await dialog().getByLabel("Host").fill("127.0.0.1");
  await dialog().getByLabel("Port").fill("1");
  await dialog().getByText("Also old ones").click();
  await dialog().getByText("SHA-1, CBC and 3DES").waitFor();
  await dialog().getByRole("button", { name: "Create target" }).click();
  await choose("nobody-home", "Test connection…");
  await dialog().getByText("It failed at the hub").waitFor();
  await dialog().getByText("add one first").waitFor();
  await page.keyboard.press("Escape");
  await page.goto("/admin/credentials/");
  await page.getByRole("button", { name: "Create credential" }).click();
  await dialog().getByLabel("Target").selectOption({ label: `nobody-home (${ZONE})` });
  await dialog().getByLabel("Account").fill("root");
  await dialog().getByText("Private key", { exact: true }).click();
  await dialog().getByRole("textbox", { name: "Private key" }).fill("ssh-ed25519 AAAA");
  await dialog().getByRole("button", { name: "Create credential" }).click();
  await dialog().getByText("a public key (.pub) is not meant").waitFor();
  await dialog().getByText("Password", { exact: true }).click();
  await dialog().getByRole("textbox", { name: "Password" }).fill("secret");
  await dialog().getByRole("button", { name: "Create credential" }).click();
  await dialog().waitFor({ state: "detached" });
  await page.goto("/admin/targets/");
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
  await dialog().getByLabel("Description").fill("Typed by the second");
  const { page: other, context } = await openWindow(browser, { url: demo.url });
  await signIn(other, demo);
  await other.goto("/admin/targets/");
  await choose(TARGET, "Edit…", other);
  await dialog(other).getByLabel("Description").fill("Typed by the first");
  await save(other);
  await row(TARGET, other).getByText("Typed by the first").waitFor();
  await context.close();
  await save();
  await dialog().getByRole("alert").getByText("Somebody changed this target meanwhile").waitFor();
  assert.equal(await dialog().getByLabel("Description").inputValue(), "Typed by the second");
  await page.keyboard.press("Escape");
  await row(TARGET).getByText("Typed by the first").waitFor();
});

step("a bad change is refused at its field", async () => {
  await choose(TARGET, "Edit…");
  await dialog().getByLabel("Host").fill("not a host");
  await save();
  await dialog().getByText("Hostname is a DNS name or an IP address.").waitFor();
  await page.keyboard.press("Escape");
});

step("a credential gets another secret, and is deleted with its target", async () => {
  await page.getByRole("button", { name: "Create target" }).click();
  await dialog().getByLabel("Zone").selectOption({ label: ZONE });
  await dialog().getByLabel("Name").fill(SPARE);
  await dialog().getByLabel("Host").fill("127.0.0.1");
  await dialog().getByRole("button", { name: "Create target" }).click();
  await row(SPARE).waitFor();

  await page.goto("/admin/credentials/");
  await page.getByRole("button", { name: "Create credential" }).click();
  await dialog().getByLabel("Target").selectOption({ label: `${SPARE} (${ZONE})` });
  await dialog().getByLabel("Account").fill("fitter");
  await dialog().getByLabel("Password", { exact: true }).and(page.getByRole("textbox")).fill("the first secret");
  await dialog().getByRole("button", { name: "Create credential" }).click();
  const account = `fitter on ${SPARE}`;
  await choose(account, "Edit…");
  await dialog().getByText("New password", { exact: true }).click();
  await dialog().getByRole("textbox", { name: "Password" }).fill("the second secret");
  await save();
  await page.getByText(`The credential of ${account} is changed.`).waitFor();
  await choose(account, "Disable…");
  await confirm("Disable");
  await row("fitter").getByText("Disabled").waitFor();

  await page.goto("/admin/targets/");
  await choose(SPARE, "Delete…");
  await dialog().getByText("its credentials are deleted with their secrets").waitFor();
  await confirm("Delete");
  await page.getByText(`Target ${SPARE} is deleted.`).waitFor();
  await row(SPARE).waitFor({ state: "detached" });
  await page.goto("/admin/credentials/");
  await page.getByRole("table", { name: "Credentials" }).waitFor();
  assert.equal(await row("fitter").count(), 0);
});

step("a user gets another role and password, and is deleted; one's own account stays", async () => {
  await page.goto("/admin/users/");
  await page.getByRole("button", { name: "Create user" }).click();
  await dialog().getByLabel("User name").fill("mara");
  await dialog().getByRole("textbox", { name: "Password" }).fill(demo.password);
  await dialog().getByRole("button", { name: "Create user" }).click();
  await choose("mara", "Edit…");
  await dialog().getByLabel("Display name").fill("Mara Voss");
  await dialog().getByText("Auditor", { exact: true }).click();
  await dialog().getByRole("textbox", { name: "New password" }).fill("another long password");
  await save();
  await row("Mara Voss").getByText("Auditor").waitFor();

  const { page: maras, context } = await openWindow(browser, { url: demo.url });
  await signIn(maras, { user: "mara", password: "another long password" });
  await context.close();

  await page.getByRole("button", { name: `Change ${demo.user}` }).click();
  const own = page.getByRole("menuitem", { name: "Delete…" });
  assert.equal(await own.getAttribute("aria-disabled"), "true");
  assert.equal(await own.getAttribute("title"), "This is your own account");
  await page.keyboard.press("Escape");

  await choose("mara", "Delete…");
  await confirm("Delete");
  await row("Mara Voss").waitFor({ state: "detached" });
});

step("a group is renamed and deleted", async () => {
  await page.goto("/admin/groups/");
  await page.getByRole("button", { name: "Create group" }).first().click();
  await dialog().getByLabel("Name").fill("Fitters");
  await dialog().getByRole("button", { name: "Create group" }).click();
  await dialog().getByRole("heading", { name: "Members of Fitters" }).waitFor();
  await page.keyboard.press("Escape");
  await choose("Fitters", "Edit…");
  await dialog().getByLabel("Name").fill("Welders");
  await save();
  await row("Welders").waitFor();
  await choose("Welders", "Delete…");
  await confirm("Delete");
  await row("Welders").waitFor({ state: "detached" });
});

step("a grant by label opens what has the label, as long as it has it", async () => {
  await page.goto("/admin/users/");
  await page.getByRole("button", { name: "Create user" }).click();
  await dialog().getByLabel("User name").fill("lena");
  await dialog().getByRole("textbox", { name: "Password" }).fill(demo.password);
  await dialog().getByRole("button", { name: "Create user" }).click();
  await page.getByText("User lena is created.").waitFor();

  await page.goto("/admin/targets/");
  await choose(TARGET, "Edit…");
  await dialog().getByLabel("Labels").fill("env=test, line 3");
  await save();
  await dialog().getByText("A label is key=value").waitFor();
  await dialog().getByLabel("Labels").fill("env=test, line=3");
  await save();
  await page.getByRole("list", { name: `Labels of ${TARGET}` }).getByText("line=3").waitFor();

  await page.goto("/admin/grants/");
  await page.getByRole("button", { name: "Create grant" }).click();
  await dialog().getByLabel("User", { exact: true }).selectOption({ label: "lena" });
  await dialog().getByText("A label", { exact: true }).click();
  await dialog().getByRole("combobox", { name: "Label" }).fill("env=test");
  await dialog().getByRole("button", { name: "Create grant" }).click();
  await page.getByText("lena may open every target with env=test.").waitFor();
  await row("lena").getByText("Every target with this label").waitFor();

  const { page: lenas, context } = await openWindow(browser, { url: demo.url });
  await signIn(lenas, { ...demo, user: "lena" });
  await openTarget(lenas, TARGET);
  await lenas.close();

  // The grant gets terms: a text to agree to, and an idle limit whose last warning comes after a second.
  const grant = "lena on every target with env=test";
  await choose(grant, "Edit…");
  await dialog().getByLabel("Idle limit").fill("1.02");
  await dialog().getByLabel("Text to agree to").fill("You are recorded.\nCall the shift lead first.");
  await shootPage(page, "terms");
  await save();
  await row("lena").getByText("Ends when idle for 1 min · text to agree to").waitFor();

  const again = await context.newPage();
  await again.goto("/targets/");
  await again.getByRole("link", { name: `Open ${TARGET}` }).click();
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

  await page.goto("/admin/targets/");
  await choose(TARGET, "Edit…");
  await dialog().getByLabel("Labels").fill("line=3");
  await save();
  await again.getByText("This target is not granted to you").waitFor();
  await context.close();
});

step("all sessions in a zone are ended at once", async () => {
  const { page: other, context } = await openWindow(browser, { url: demo.url });
  await signIn(other, demo);
  await openTarget(other, TARGET);
  await page.goto("/admin/zones/");
  await page.getByRole("link", { name: ZONE }).click();
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await page.getByRole("menuitem", { name: "End all sessions…" }).click();
  await confirm("End all");
  await page.getByText("1 session is ended.").waitFor();
  await other.getByText("An administrator ended this session").waitFor();
  await context.close();
});

step("a zone is renamed, and is deleted only once nothing stands in it", async () => {
  await page.goto("/admin/zones/");
  await page.getByRole("link", { name: ZONE }).click();
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await confirm("Delete");
  await dialog().getByText("A satellite serves this zone: revoke it first.").waitFor();
  await page.keyboard.press("Escape");

  await page.goto("/admin/zones/");
  await page.getByRole("button", { name: "Create zone" }).click();
  await dialog().getByLabel("Name").fill("plant-8");
  await dialog().getByRole("button", { name: "Create zone" }).click();
  await page.getByRole("heading", { name: "plant-8" }).waitFor();
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await page.getByRole("menuitem", { name: "Edit…" }).click();
  await dialog().getByLabel("Name").fill("plant-9");
  await save();
  await page.getByRole("heading", { name: "plant-9" }).waitFor();
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await confirm("Delete");
  await page.getByRole("heading", { name: "Zones" }).waitFor();
  await row(ZONE).waitFor();
  assert.equal(await row("plant-9").count(), 0);
});

step("the audit tells all of it, filtered, and gives it away as a file", async () => {
  await page.goto("/audit/");
  await page.getByRole("navigation", { name: "Audit" }).getByRole("link", { name: "Events" }).click();
  const table = page.getByRole("table", { name: "Events" });
  await table.getByText("Deleted zone plant-9").first().waitFor();
  await page.getByLabel("About").selectOption({ label: "Targets" });
  await table.getByText(`Deleted target ${SPARE}`).waitFor();
  await table.getByText("Deleted zone plant-9").waitFor({ state: "detached" });
  const changed = table.getByRole("row").filter({ hasText: "description The press in the north hall → Typed by the first" });
  await changed.focus();
  await page.keyboard.press("Enter");
  await dialog().getByText("target.changed").waitFor();
  await dialog().getByLabel("Details").getByText("Typed by the first").waitFor();
  await page.keyboard.press("Escape");

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export" }).click().then(() => page.getByRole("menuitem", { name: /^CSV/ }).click()),
  ]);
  assert.match(download.suggestedFilename(), /^openpam-events-\d{8}T\d+(\.\d+)?Z\.csv$/);
  const lines = (await text(download)).trimEnd().split("\r\n");
  assert.ok(lines.length > 3 && lines.slice(1).every((line) => line.includes(",target.")), lines.join("\n"));
  assert.equal(page.url().includes("/audit/events/"), true, "the page stays");
});

step("one's own account shows where one is signed in, signs a browser out, and changes the password", async () => {
  const { page: other, context } = await openWindow(browser, { url: demo.url });
  await signIn(other, demo);
  await page.goto("/targets/");
  await page.getByRole("button", { name: /^Account: / }).filter({ visible: true }).click();
  await page.getByRole("menuitem", { name: "Your account" }).click();
  const table = page.getByRole("table", { name: "Sign-ins" });
  await table.getByText("This browser").waitFor();
  const others = table.getByRole("button", { name: /^Sign out Chrome on Linux/ });
  const before = await others.count();
  await others.first().click();
  await page.getByText("Chrome on Linux is signed out.").waitFor();
  await within(5_000, "its row is gone", async () => (await others.count()) === before - 1);
  await other.goto("/sessions/");
  await other.getByLabel("User name").waitFor();

  const change = async (current, next, again = next) => {
    await page.getByLabel("Current password").fill(current);
    await page.getByLabel("New password", { exact: true }).fill(next);
    await page.getByLabel("New password again").fill(again);
    await page.getByRole("button", { name: "Change password" }).click();
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

  await page.getByRole("button", { name: "Sign out everywhere" }).click();
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

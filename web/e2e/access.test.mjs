// Who does not see the pages, or has no mouse: axe-core over every page and what opens on it, in both themes and on a
// phone, and whether the Tab key reaches everything that can be used, visibly. The pages are those of app/. Run by
// `npm run e2e`.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { faults } from "./axe.mjs";
import { openWindow, within } from "./browser.mjs";
import { attached, endSession, openTarget, readable, run, sees, signIn } from "./console.mjs";
import { browser, demo, page, step } from "./stage.mjs";

const APP = fileURLToPath(new URL("../app", import.meta.url));
const TARGET = "press-4";
const WINDOWS = [{}, { dark: true }, { width: 390, height: 780 }];
/** More than any page has to tab through. */
const MAX_TABS = 200;
const DONE_MS = 60_000;

/** Query strings of pages that show one thing. */
const things = {};

/** The paths of all pages: folders in parentheses or with an underscore name none. */
const PAGES = readdirSync(APP, { recursive: true })
  .filter((file) => /(^|\/)page\.tsx$/.test(file) && !file.includes("_"))
  .map((file) => `/${file.replace(/\([^)]*\)\//g, "").replace(/page\.tsx$/, "")}`)
  .sort();

const api = (path) => page.evaluate((address) => fetch(address).then((answer) => answer.json()), `/api/v1${path}`);

/** Opens a page and waits until nothing on it loads. */
async function open(on, path) {
  await on.goto(`${path}${things[path] ?? ""}`);
  await on.getByRole("heading").or(on.getByRole("main")).first().waitFor();
  await on.waitForLoadState("networkidle").catch(() => undefined);
  if (path === "/shell/") await attached(on);
}

/** Dialogs and menus that the page opens by its own buttons. */
async function opened(on, where) {
  const list = [];
  const openers = on.getByRole("main").locator('button[aria-haspopup]:visible, button:visible:text-matches("^(Create|Add|Make)")');
  for (let index = 0; index < Math.min(await openers.count(), 4); index += 1) {
    const opener = openers.nth(index);
    const name = (await opener.getAttribute("aria-label")) ?? (await opener.innerText());
    if (await opener.isDisabled()) continue;
    await opener.click();
    await on.getByRole("dialog").or(on.getByRole("menu")).first().waitFor();
    list.push(...(await faults(on, `${where}, ${name}`)));
    await on.keyboard.press("Escape");
    await on.getByRole("dialog").or(on.getByRole("menu")).first().waitFor({ state: "detached" });
  }
  return list;
}

/** What opens in a shell's page by a key: how, and what is there then. */
const IN_SHELL = [
  {
    name: "search",
    open: async (on) => {
      await on.keyboard.press("Control+Shift+F");
      await on.keyboard.type("e");
    },
    part: (on) => on.getByRole("search").getByText(/ of |No match/),
  },
  {
    name: "command palette",
    open: (on) => on.keyboard.press("Control+Shift+K"),
    part: (on) => on.getByRole("option"),
  },
  {
    name: "paste",
    open: async (on) => {
      await run(on, "echo rea''dy; cat");
      await sees(on, /^ready$/);
      await on.evaluate(() => {
        const data = new DataTransfer();
        data.setData("text/plain", "one\n\x1btwo\n");
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
      });
    },
    part: (on) => on.getByRole("dialog", { name: "Paste 2 lines?" }),
  },
];

/** The states of a shell's page, one after the other. */
async function openedInShell(on, where) {
  const list = [];
  await readable(on);
  for (const { name, open: act, part } of IN_SHELL) {
    await act(on);
    await part(on).first().waitFor();
    list.push(...(await faults(on, `${where}, ${name}`)));
    await on.keyboard.press("Escape");
    await part(on).first().waitFor({ state: "detached" });
  }
  await on.keyboard.press("Control+Shift+K");
  await on.getByRole("option").filter({ hasText: TARGET }).filter({ hasText: /Target$/ }).click();
  await on.getByRole("navigation", { name: "Open sessions" }).waitFor();
  await attached(on);
  return [...list, ...(await faults(on, `${where}, tabs`))];
}

/** The command palette, with what it finds and with nothing. */
async function palette(on, where) {
  const list = [];
  await on.keyboard.press("Control+K");
  await on.getByRole("option").first().waitFor();
  list.push(...(await faults(on, `${where}, command palette`)));
  await on.keyboard.type("nowhere at all");
  await on.getByText("Nothing matches").waitFor();
  list.push(...(await faults(on, `${where}, empty command palette`)));
  await on.keyboard.press("Escape");
  await on.getByRole("dialog").waitFor({ state: "detached" });
  return list;
}

/** What came of each command, and the question whether one is to be withdrawn. */
async function commands(on, where) {
  const list = [];
  const rows = on.getByRole("table").getByRole("row");
  for (let index = 1; index < (await rows.count()); index += 1) {
    await rows.nth(index).click();
    await on.getByRole("dialog").getByText("Ordered by").waitFor();
    const log = on.getByRole("button", { name: "Show its last lines" });
    if ((await log.count()) > 0) {
      await log.click();
      await on.getByRole("region", { name: /^The last/ }).waitFor();
    }
    list.push(...(await faults(on, `${where}, result`)));
    await on.keyboard.press("Escape");
    await on.getByRole("dialog").waitFor({ state: "detached" });
  }
  return list;
}

step("there is something on every page", async () => {
  await signIn(page, demo);
  await openTarget(page, TARGET);
  await readable(page);
  await run(page, "echo $((40+2)) and more");
  await sees(page, /42 and more/);
  const [session] = (await api("/sessions?limit=1")).items;
  await endSession(page);
  const [zone] = (await api("/admin/zones")).items;
  const [satellite] = (await api("/admin/satellites")).items;
  const target = (await api("/targets")).items.find(({ name }) => name === TARGET);
  await page.evaluate(async (path) => {
    for (const kind of ["diagnose", "collect_logs"]) {
      await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ kind }) });
    }
  }, `/api/v1/admin/satellites/${satellite.id}/commands`);
  await within(DONE_MS, "commands that are done", async () => {
    const { items } = await api("/admin/commands");
    return items.length === 2 && items.every(({ state }) => state === "done");
  });
  things["/admin/zones/zone/"] = `?id=${zone.id}`;
  things["/admin/satellites/satellite/"] = `?id=${satellite.id}`;
  things["/audit/person/"] = `?id=${(await api("/auth/me")).id}`;
  things["/audit/target/"] = `?id=${target.id}`;
  things["/audit/access/"] = `?user_id=${(await api("/auth/me")).id}&target_id=${target.id}`;
  things["/recordings/play/"] = `?session=${session.id}`;
  things["/shell/"] = `?target=${target.id}`;
});

step("axe-core finds nothing serious on any page, in both themes and on a phone", async (told) => {
  const found = [];
  for (const look of WINDOWS) {
    const name = look.dark ? "dark" : look.width ? "phone" : "light";
    const { page: other, context } = await openWindow(browser, { ...look, url: demo.url });
    await other.goto("/login/");
    await other.getByLabel("User name").waitFor();
    found.push(...(await faults(other, `/login/ ${name}`)));
    await signIn(other, demo);
    for (const path of PAGES.filter((path) => path !== "/login/")) {
      await open(other, path);
      found.push(...(await faults(other, `${path} ${name}`)), ...(await opened(other, `${path} ${name}`)));
      if (path === "/targets/") found.push(...(await palette(other, `${path} ${name}`)));
      if (path === "/commands/") found.push(...(await commands(other, `${path} ${name}`)));
      if (path === "/shell/") found.push(...(await openedInShell(other, `${path} ${name}`)));
    }
    await context.close();
  }
  told.diagnostic(`${PAGES.length} pages, ${WINDOWS.length} looks`);
  // The same fault once, with the first place.
  const distinct = new Map(found.toReversed());
  assert.equal(distinct.size, 0, [...distinct].map(([fault, where]) => `${where}: ${fault}`).join("\n"));
});

step("the Tab key reaches everything that can be used, and shows where it is", async () => {
  const missed = [];
  const { page: other, context } = await openWindow(browser, { url: demo.url });
  await signIn(other, demo);
  for (const path of PAGES.filter((path) => !["/login/", "/", "/shell/"].includes(path))) {
    await open(other, path);
    await other.evaluate(() => {
      document.activeElement?.blur();
      // In a group of radio buttons, tabs or menu items arrows go on; one of them is enough.
      const usable = 'a[href], button, input, select, textarea, [tabindex="0"]';
      const counts = (element) =>
        element.checkVisibility({ visibilityProperty: true }) && !element.disabled && element.tabIndex >= 0 && element.type !== "hidden" && element.type !== "radio";
      globalThis.wanted = new Set([...document.querySelectorAll(usable)].filter(counts));
      globalThis.unseen = [];
    });
    for (let tab = 0; tab < MAX_TABS; tab += 1) {
      await other.keyboard.press("Tab");
      const left = await other.evaluate(() => {
        const element = document.activeElement;
        globalThis.wanted.delete(element);
        const style = getComputedStyle(element);
        const shown = style.outlineStyle !== "none" || style.boxShadow !== "none";
        if (element !== document.body && !shown) globalThis.unseen.push(element.outerHTML.slice(0, 160));
        return globalThis.wanted.size;
      });
      if (left === 0) break;
    }
    const { left, unseen } = await other.evaluate(() => ({
      left: [...globalThis.wanted].map((element) => element.outerHTML.slice(0, 160)),
      unseen: [...new Set(globalThis.unseen)],
    }));
    missed.push(...left.map((html) => `${path} not reached: ${html}`), ...unseen.map((html) => `${path} focus not shown: ${html}`));
  }
  await context.close();
  assert.equal(missed.length, 0, missed.join("\n"));
});

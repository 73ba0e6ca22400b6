// A desktop in the page: opened, typed into, copied from and to, resized, reloaded, kept over a cut line and a killed hub,
// in each quality, and what policy forbids. What is typed makes files on the machine that is shown. Run by `npm run e2e`.

// First: the demo starts when the stage is set.
import "./with-desktop.mjs";

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { faults } from "./axe.mjs";
import { openWindow, within } from "./browser.mjs";
import { attached, endSession, openTarget, signIn } from "./console.mjs";
import { longWay } from "./delay.mjs";
import { startDesktop } from "./desktops.mjs";
import { shoot, shootPage } from "./shots.mjs";
import { browser, demo, page, step, window } from "./stage.mjs";

const TARGET = "panel-4";
/** The line is cut for so long. */
const CUT_MS = 30_000;
/** A line whose round trip is slow. */
const ONE_WAY_MS = 250;
/** Canvases grow in steps of so many pixels. */
const CANVAS_STEP = 64;
/** A site notices a dead line after half a minute at most, and is back within some seconds of its end. */
const NOTICED_MS = 60_000;
/** A command is typed so often at most, each time after so long. */
const TRIES = 12;
const TRY_MS = 5000;

const folder = mkdtempSync(join(tmpdir(), "openpam-e2e-desktop."));
chmodSync(folder, 0o777);
after(() => rmSync(folder, { recursive: true, force: true }));

const picture = () => page.locator("[data-pictured]").filter({ visible: true });
const stale = () => page.locator(".desktop-box[data-stale]").filter({ visible: true });

const content = (file) => (existsSync(file) ? readFileSync(file, "utf8") : null);

/**
 * Clicks into the terminal that is shown, and types a command that makes a file, which then holds `text`; again, since a
 * terminal, or what it writes, may only just have come. Answers how often.
 */
async function types(name, command = "touch", text = "") {
  const file = join(folder, name);
  for (let tries = 1; tries <= TRIES; tries += 1) {
    await page.mouse.click(300, 250);
    await page.keyboard.type(`${command} ${file}\n`);
    const made = await within(TRY_MS, name, () => content(file) === text).catch(() => false);
    if (made) return tries;
  }
  throw new Error(`no file ${name} that holds "${text}"`);
}

/** What an administrator's page asks of the hub. */
const api = (method, path, body) =>
  page.evaluate(
    async ([method, path, body]) => {
      const answer = await fetch(`/api/v1${path}`, { method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    },
    [method, path, body],
  );

const panel = () => page.getByRole("complementary", { name: "Desktop panel" });

async function togglePanel() {
  await page.keyboard.press("Control+Alt+Shift");
  await panel().waitFor();
}

/** The size of the desktop's picture, as far as canvases say. */
const canvas = (on) => on.locator(".desktop-box canvas").first().evaluate(({ width, height }) => ({ width, height }));

/** Opens another desktop of the demo's site in the page. */
async function openOther(kind, server) {
  const panel4 = (await api("GET", "/admin/targets")).items.find(({ name }) => name === TARGET);
  const name = `${kind}-7`;
  const target = await api("POST", "/admin/targets", { zone_id: panel4.zone_id, name, hostname: "127.0.0.1", protocol: kind === "nla" ? "rdp" : kind, port: server.port, ...(kind === "nla" && { desktop: { security: "nla" } }) });
  await api("POST", "/admin/credentials", { target_id: target.id, username: server.account, password: server.password });
  const me = await api("GET", "/auth/me");
  await api("POST", "/admin/grants", { user_id: me.id, target_id: target.id });
  await page.goto("/targets/");
  await openTarget(page, name);
  await picture().waitFor({ timeout: 30_000 });
}

step("a desktop is opened from the list of targets, and what is typed arrives", async () => {
  await signIn(page, demo);
  await openTarget(page, TARGET);
  await picture().waitFor({ timeout: 30_000 });
  await types("opened");
  await shootPage(page, "desktop");
});

step("text is copied there and pasted here, and the other way round", async () => {
  await window.context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: demo.url });
  await page.keyboard.type("printf 'Gr\\303\\274\\303\\237e' | xclip -selection clipboard\n");
  await within(10_000, "what was copied there", () => page.evaluate(async () => (await navigator.clipboard.readText()) === "Grüße"));
  await page.evaluate(() => navigator.clipboard.writeText("From the office: 20 °C, 5 €"));
  await page.keyboard.press("Control+v");
  // The key itself goes there, too: the shell takes the next one literally, and another drops the line.
  await page.keyboard.press("Control+c");
  await page.keyboard.press("Control+c");
  await types("pasted", "xclip -o -selection clipboard >", "From the office: 20 °C, 5 €");
});

step("one leads out of the desktop by keys; nobody is kept from anything in its page", async () => {
  const found = [];
  for (const scheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme: scheme });
    found.push(...(await faults(page, `${scheme}, panel shut`)));
    await togglePanel();
    found.push(...(await faults(page, `${scheme}, panel open`)));
    await shootPage(page, `desktop-panel-${scheme}`);
    await page.keyboard.press("Tab");
    assert.equal(await panel().evaluate((element) => element.contains(document.activeElement)), true, "the Tab key goes on in the panel");
    await page.keyboard.press("Escape");
    await panel().waitFor({ state: "detached" });
  }
  assert.deepEqual(found, []);
  await types("after-the-panel");
});

/** The same session in a window on a dense screen, for as long as `act` takes; then it is the first window's again. */
async function onDenseScreen(url, act) {
  const { page: other, context } = await openWindow(browser, { url, density: 2 });
  await signIn(other, demo);
  await other.goto(page.url().replace(demo.url, ""));
  await attached(other);
  const { width, height } = page.viewportSize();
  const shows = {
    all: () => within(20_000, "every pixel of the screen", async () => (await canvas(other)).width > 2 * width - CANVAS_STEP),
    fewer: () => within(40_000, "fewer pixels", async () => (await canvas(other)).width <= width + CANVAS_STEP),
  };
  await act(other, shows);
  const session = (of) => new URL(of.url()).searchParams.get("session");
  assert.equal(session(other), session(page), "the same one");
  await context.close();
  await page.reload();
  await attached(page);
  await within(20_000, "the first window's picture", async () => (await canvas(page)).height <= height);
}

step("few bytes are asked for where that is wanted: fewer pixels, in the same session", async () => {
  await onDenseScreen(demo.url, async (other, shows) => {
    await shows.all();
    await other.getByRole("button", { name: "Desktop panel" }).click();
    await other.getByText("Low bandwidth", { exact: true }).click();
    await shows.fewer();
    await other.getByText("Now: fewer pixels and fewer pictures a second, and no sound.").waitFor();
    await other.reload();
    await attached(other);
    await shows.fewer();
    await other.getByRole("button", { name: "Desktop panel" }).click();
    await other.getByText("Sharp text", { exact: true }).click();
    await shows.all();
  });
  await types("in-full");
});

step("on a slow line few bytes are asked for by themselves, and it is said why", async () => {
  const way = await longWay(demo.url, ONE_WAY_MS);
  await onDenseScreen(way.url, async (other, shows) => {
    await shows.all();
    await shows.fewer();
    await other.getByText("The line to the desktop is slow").waitFor();
    await other.getByRole("button", { name: "Desktop panel" }).click();
    await other.getByText(/^Now: low bandwidth, for a key takes \d+ ms there and back/).waitFor();
  });
  way.stop();
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
  // What is typed the moment it is back is all there: nothing was resized, which costs keys.
  assert.equal(await types("restored"), 1);
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

step("what policy forbids is said in words, and stays there", async () => {
  const { id, version } = (await api("GET", "/admin/grants")).items.find(({ target }) => target === TARGET);
  await api("PATCH", `/admin/grants/${id}`, { version, clipboard_copy: false });
  await page.goto("/targets/");
  await openTarget(page, TARGET);
  await picture().waitFor({ timeout: 30_000 });
  await page.evaluate(() => navigator.clipboard.writeText("before"));
  await types("copied", "printf secret | xclip -selection clipboard; touch");
  await page.getByText("Policy does not let text be copied from this desktop.").first().waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "before");
  await togglePanel();
  await panel().getByText("Policy does not let text be copied from this desktop.").waitFor();
  await panel().getByRole("button", { name: "Give to the desktop" }).waitFor();
  assert.equal(await panel().getByRole("button", { name: "Copy to this computer" }).count(), 0);
  await shootPage(page, "desktop-blocked");
  await page.keyboard.press("Escape");
  await endSession(page);
});

/** A desktop of another kind, for as long as `act` takes; what its server wrote is told when that fails. */
async function withDesktop(kind, told, act) {
  const server = await startDesktop(kind);
  try {
    await openOther(kind, server);
    await act();
    await endSession(page);
  } catch (error) {
    told.diagnostic(server.said());
    throw error;
  } finally {
    await server.stop();
  }
}

step("a server that wants the password before anything else (NLA) is opened the same", async (told) => {
  // FreeRDP's shadow server has no clipboard, and lets go of who speaks of one.
  await window.context.clearPermissions();
  await withDesktop("nla", told, async () => {
    await types("by-nla");
    // Its picture comes a moment after the file.
    await page.waitForTimeout(1000);
    await shootPage(page, "desktop-nla");
  });
});

step("what an input method writes arrives, character by character", (told) =>
  withDesktop("vnc", told, async () => {
    await types("by-vnc");
    const devtools = await window.context.newCDPSession(page);
    const compose = (text) => devtools.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
    const write = (text) => devtools.send("Input.insertText", { text });
    const file = join(folder, "written");
    await page.keyboard.type(`cat >${file}\n`);
    await within(10_000, "a shell that reads", () => existsSync(file));
    await compose("ご");
    await write("語");
    await write("é");
    await compose("に");
    await write("日");
    await page.keyboard.press("Enter");
    await within(10_000, "what was written", () => content(file) === "語é日\n");
    await page.keyboard.press("Control+d");
  }));

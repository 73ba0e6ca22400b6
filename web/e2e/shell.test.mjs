// A person's way through the real thing: sign in, open a shell, work, reload, come back, leave, and see the recording.
// Run by `npm run e2e`.

import assert from "node:assert/strict";

import { delays, median, noted, observe } from "./ahead.mjs";
import { openWindow, within } from "./browser.mjs";
import { attached, endSession, openTarget, readable, run, screen, sees, settled, shell, signIn, toEnd, type } from "./console.mjs";
import { longWay } from "./delay.mjs";
import { shoot, shootPage } from "./shots.mjs";
import { browser, demo, page, step, window } from "./stage.mjs";

const TARGET = "press-4";
/** Half of the 300 ms that a key and its echo take on a long way. */
const HALF_WAY_MS = 150;
const TYPING_MS = 60;
const FLOOD_LINES = 20_000;
const PROMPT = /^\S+:~\$$/;
const NOBODYS = "00000000-0000-7000-8000-000000000000";

step("a wrong password is refused in words", async () => {
  await page.goto("/login/");
  await page.getByLabel("User name").fill(demo.user);
  await page.getByRole("textbox", { name: "Password" }).fill("not it");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("Wrong user name or password.").waitFor();
});

step("a page asked for by somebody who is not signed in is there after the sign-in", async () => {
  await page.goto("/sessions/");
  await page.getByLabel("User name").waitFor();
  assert.match(page.url(), /next=%2Fsessions%2F/);
});

step("the target is found, and can be reached", async () => {
  await signIn(page, demo);
  await page.getByRole("table").getByText("Reachable").filter({ visible: true }).waitFor();
  await page.getByRole("searchbox").fill("nowhere");
  await page.getByText("No target matches").waitFor();
  await page.getByRole("searchbox").fill("press");
  await page.getByRole("link", { name: `Open ${TARGET}` }).waitFor();
});

step("one click opens a shell that works, has colours and speaks UTF-8", async () => {
  await openTarget(page, TARGET);
  await readable(page);
  await run(page, "uname -a; tput colors");
  await sees(page, /^Linux /);
  await sees(page, /^256$/);
  await run(page, String.raw`printf 'Gr\303\274\303\237e \346\274\242\345\255\227 \342\234\223\n'; locale charmap`);
  await sees(page, /^Grüße 漢字 ✓$/);
  await sees(page, /^UTF-8$/);
  assert.match(page.url(), /session=/);
});

step("a reload in mid-output comes back to the same shell, and the output goes on to its end", async () => {
  const before = page.url();
  // Half-way it waits for a key, so that the reload falls into the middle of it however fast the machine is.
  await run(page, `for i in $(seq 1 ${FLOOD_LINES}); do echo "line $i"; [ $i != ${FLOOD_LINES / 2} ] || read; done; echo "flood" $((${FLOOD_LINES} + 1))`);
  await sees(page, /^line \d{3,}$/);
  await page.reload();
  await attached(page);
  assert.equal(page.url(), before);
  await sees(page, new RegExp(`^line ${FLOOD_LINES / 2}$`));
  await page.keyboard.press("Enter");
  await sees(page, new RegExp(`^flood ${FLOOD_LINES + 1}$`), 60_000);
  const numbers = (await screen(page)).flatMap((line) => /^line (\d+)$/.exec(line)?.[1] ?? []).map(Number);
  assert.ok(numbers.length > 10);
  assert.deepEqual(numbers, numbers.map((_, index) => FLOOD_LINES - numbers.length + 1 + index));
});

step("what was printed while the page was away stands behind a divider", async () => {
  const here = page.url();
  await run(page, 'echo "leaving $((6 * 7))"; sleep 2; echo "printed $((40 + 2))"');
  await sees(page, /^leaving 42$/);
  await page.goto("/sessions/");
  await page.getByRole("table", { name: "Live sessions" }).waitFor();
  await page.waitForTimeout(2_000);
  await page.goto(here);
  await attached(page);
  await sees(page, /^printed 42$/);
  assert.equal(await page.locator(".terminal-divider").count(), 1);
});

step("a reload inside a full-screen program shows the same screen, and its keys still work", async () => {
  await run(page, "vim -u NONE -N -c 'set showmode laststatus=2' note.txt");
  await sees(page, /note\.txt/);
  await type(page, "iwritten before the reload");
  await sees(page, /^written before the reload$/);
  await sees(page, /-- INSERT --/);
  const before = await screen(page);
  await page.reload();
  await attached(page);
  await within(10_000, "the same screen", async () => JSON.stringify(await screen(page)) === JSON.stringify(before));
  await type(page, " and after it");
  await sees(page, /^written before the reload and after it$/);
  await page.keyboard.press("Escape");
  await run(page, ":wq");
  // What is typed before the prompt is back, the program may take with it.
  await sees(page, PROMPT);
  await run(page, "cat note.txt");
  await sees(page, /^written before the reload and after it$/);
});

step("a page that is somewhere else takes over, and gives back", async () => {
  const other = await window.context.newPage();
  await other.goto(page.url());
  await attached(other);
  await sees(other, /^written before the reload and after it$/);
  await page.getByText("Opened somewhere else").waitFor();
  await page.getByRole("button", { name: "Take it back" }).click();
  await attached(page);
  await other.getByText("Opened somewhere else").waitFor();
  await other.close();
  await run(page, "echo back $((6 * 7))");
  await sees(page, /^back 42$/);
});

step("a killed hub ends nobody's shell: the page says so, comes back by itself, and nothing is missing", async () => {
  await run(page, 'for i in $(seq 1 60); do echo "tick $i"; sleep 0.1; done; echo "ticked" $((60 + 1))');
  await sees(page, /^tick 5$/);
  demo.press("k");
  await page.getByText("Your session goes on; this page comes back to it by itself.").waitFor();
  await attached(page);
  await sees(page, /^ticked 61$/, 30_000);
  const ticks = (await screen(page)).flatMap((line) => /^tick (\d+)$/.exec(line)?.[1] ?? []).map(Number);
  assert.ok(ticks.length > 10);
  assert.deepEqual(ticks, ticks.map((_, index) => 60 - ticks.length + 1 + index));
});

step("a cut line ends nobody's shell: the page says so, what is typed waits, and it goes on where it was", async () => {
  await run(page, 'for i in $(seq 1 200); do echo "tock $i"; sleep 0.1; done; echo "tocked" $((200 + 1))');
  await sees(page, /^tock 5$/);
  demo.press("c");
  await page.getByText("Link to plant-7 lost. Your session is still running there. Reconnecting… held until").waitFor({ timeout: 20_000 });
  await run(page, "echo typed $((40 + 2))");
  await page.getByText("typed characters wait").waitFor();
  demo.press("r");
  await page.getByText("Link to plant-7 lost.").waitFor({ state: "detached" });
  await sees(page, /^typed 42$/, 30_000);
  assert.equal(await shell(page).getAttribute("data-phase"), "open");
  assert.ok((await page.locator(".terminal-divider").count()) > 0, "a divider where it went on");
  const tocks = (await screen(page)).flatMap((line) => /^tock (\d+)$/.exec(line)?.[1] ?? []).map(Number);
  assert.ok(tocks.length > 10);
  assert.deepEqual(tocks, tocks.map((_, index) => 200 - tocks.length + 1 + index));
});

step("a page that is left with keys underway says how many are lost, until that is read", async () => {
  demo.press("c");
  await page.getByText("Link to plant-7 lost.").waitFor({ timeout: 20_000 });
  await type(page, "nobody gets this");
  await page.reload();
  demo.press("r");
  await attached(page);
  const notice = page.getByText("16 characters that you typed last did not reach the target");
  await notice.waitFor();
  await shootPage(page, "notice");
  const wide = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 780 });
  await shootPage(page, "notice-phone");
  await page.setViewportSize(wide);
  await page.getByRole("button", { name: "Dismiss" }).click();
  await notice.waitFor({ state: "detached" });
  await run(page, "echo read $((6 * 7))");
  await sees(page, /^read 42$/);
});

step("a target that is not one's own says so, and where it was refused", async () => {
  const other = await window.context.newPage();
  await other.goto(`/shell/?target=${NOBODYS}`);
  await other.getByRole("alert").getByText("not granted to you").waitFor();
  await other.getByRole("img", { name: "It failed at: Hub" }).waitFor();
  await other.close();
});

step("sessions shows it live, and resumes it", async () => {
  await page.getByRole("link", { name: "Back to my targets" }).click();
  await page.getByRole("link", { name: "Sessions" }).click();
  const live = page.getByRole("table", { name: "Live sessions" });
  await live.getByText("Waiting").waitFor();
  await live.getByRole("link", { name: /^Resume/ }).click();
  await attached(page);
  await sees(page, /^typed 42$/);
});

step("exit shows how it ended, and the recording has all of it", async () => {
  await run(page, "exit");
  await page.getByText("The program ended").waitFor();
  assert.equal(await shell(page).getAttribute("data-phase"), "over");
  await page.getByRole("link", { name: "Recording" }).click();
  await page.getByRole("group", { name: "Player" }).waitFor();
  await page.getByRole("radio", { name: "Text" }).check({ force: true });
  const text = await page.getByLabel("Text of the session").textContent();
  assert.match(text, /Linux /);
  assert.match(text, /written before the reload/);
  const lines = new Set(text.split(/\r?\n/).map((line) => line.trimEnd()));
  const missing = Array.from({ length: FLOOD_LINES }, (_, index) => `line ${index + 1}`).filter((line) => !lines.has(line));
  assert.deepEqual(missing, []);
});

step("the recording plays, by mouse and by key", async () => {
  await page.getByRole("radio", { name: "Play" }).check({ force: true });
  const player = page.getByRole("group", { name: "Player" });
  const position = player.getByRole("slider", { name: "Position" });
  const at = async () => Number(await position.inputValue());
  await within(10_000, "it plays", async () => (await at()) > 0);
  await player.getByRole("button", { name: "Pause" }).click();
  await player.getByRole("button", { name: "Play" }).waitFor();
  await toEnd(player);
  const end = await at();
  await position.press("ArrowLeft");
  await within(20_000, "a step back", async () => (await at()) < end && (await settled(player)));
  await position.press(" ");
  await player.getByRole("button", { name: "Pause" }).waitFor();
});

step("both forms of the recording can be downloaded", async () => {
  for (const [name, ending] of [["Download recording", ".cast"], ["Download text", ".txt"]]) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name }).click()]);
    assert.ok(download.suggestedFilename().endsWith(ending), download.suggestedFilename());
    await download.cancel();
  }
});

step("another account can be chosen, and one that the target refuses is said to be that", async () => {
  await page.goto("/targets/");
  await page.evaluate(async (name) => {
    const { items } = await (await fetch("/api/v1/targets")).json();
    const body = { target_id: items.find((target) => target.name === name).id, username: "nobody-there", password: "not it" };
    await fetch("/api/v1/admin/credentials", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  }, TARGET);
  await page.getByRole("button", { name: `Choose an account on ${TARGET}` }).click();
  await page.getByRole("menuitem", { name: "nobody-there" }).click();
  await page.getByText("The target refused the credential").waitFor({ timeout: 30_000 });
  await page.getByRole("img", { name: "It failed at: Target" }).waitFor();
});

step("satellites says how the site's satellite stands, and all about it", async () => {
  await page.goto("/admin/satellites/");
  const list = page.getByRole("table", { name: "Satellites" });
  await list.getByText("QUIC").waitFor();
  await list.getByText("Online").waitFor();
  await list.getByRole("row").nth(1).press("Enter");
  await page.getByRole("heading", { name: "Line to the hub" }).waitFor();
  await page.getByText("The site sets no limits of its own").waitFor();
  await page.getByText("Satellite of zone").getByRole("link").click();
  await page.getByRole("heading", { name: "Join tokens" }).waitFor();
});

step("a session is ended by its button, after asking", async () => {
  await page.goto("/targets/");
  await openTarget(page, TARGET);
  await endSession(page);
  await page.getByRole("button", { name: "Open again" }).waitFor();
});

step("an administrator watches another's shell, who sees that, types nothing into it, and ends it", async () => {
  await page.goto("/targets/");
  await page.evaluate(async ([name, password]) => {
    const ask = async (path, body) => {
      const init = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
      return (await fetch(`/api/v1/${path}`, init)).json();
    };
    const user = await ask("admin/users", { username: "mara", password, role: "user" });
    const { items } = await ask("targets");
    await ask("admin/grants", { user_id: user.id, target_id: items.find((target) => target.name === name).id });
  }, [TARGET, demo.password]);
  const { page: maras, context } = await openWindow(browser, { url: demo.url });
  await signIn(maras, { user: "mara", password: demo.password });
  await openTarget(maras, TARGET);
  await readable(maras);
  await run(maras, "echo what mara sees");
  await sees(maras, /^what mara sees$/);

  await page.goto("/sessions/");
  await page.getByRole("link", { name: `Watch mara's session on ${TARGET}` }).click();
  await attached(page);
  await page.getByText("You watch mara's session").waitFor();
  await sees(page, /^what mara sees$/);
  await maras.getByText(`Watched by ${demo.user}`).waitFor();
  await type(page, "echo typed by who watches\n");
  await run(maras, "echo more of mara");
  await sees(page, /^more of mara$/);
  assert.ok(!(await screen(maras)).some((line) => line.includes("typed by who watches")));
  await shootPage(page, "watch");
  await shootPage(maras, "watched");
  await maras.setViewportSize({ width: 390, height: 780 });
  const { x, width } = await maras.getByRole("button", { name: "End session" }).boundingBox();
  assert.ok(x + width <= 390, "the whole bar is in a phone's window");
  await shootPage(maras, "watched-phone");
  await page.getByRole("button", { name: "End session" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End session" }).click();
  await maras.getByText("An administrator ended this session").waitFor();
  await page.getByText("An administrator ended this session").waitFor();
  await context.close();
});

step("300 ms away a typed character stands there at once, a password never, and what was wrong leaves nothing", async (context) => {
  const way = await longWay(demo.url, HALF_WAY_MS);
  const { page: far, context: window } = await openWindow(browser, { url: way.url });
  await signIn(far, demo);
  await openTarget(far, TARGET);
  await readable(far);
  await sees(far, PROMPT);
  await observe(far);
  // The first echo tells how far it is and that there is one.
  await type(far, "echo ");
  await sees(far, /echo$/);
  await within(5_000, "the echo", async () => (await far.locator(".predicted").count()) === 0);
  await noted(far);
  for (const key of "thequickbrownfoxjumpsoverthelazydogandrunsawayagain") {
    await type(far, key);
    await far.waitForTimeout(TYPING_MS);
  }
  await shootPage(far, "ahead");
  const took = delays(await noted(far));
  context.diagnostic(`${took.length} keys at ${2 * HALF_WAY_MS} ms: on the screen after ${median(took).toFixed(1)} ms in the median, ${Math.max(...took).toFixed(1)} ms at most`);
  assert.ok(Math.max(...took) < 2 * HALF_WAY_MS, "before any echo could come");
  await far.keyboard.press("Enter");
  await sees(far, /^thequickbrownfox/);

  await run(far, "read -rsp 'Password: ' secret; echo; echo ${#secret} characters");
  await sees(far, /^Password:$/);
  await noted(far);
  await far.keyboard.type("S3CR3T-W0RD", { delay: TYPING_MS });
  await far.waitForTimeout(2 * HALF_WAY_MS);
  assert.deepEqual((await noted(far)).pictures.filter(({ text }) => text !== ""), []);
  await far.keyboard.press("Enter");
  await sees(far, /^11 characters$/);

  const mocking = "stty raw -echo; for i in 1 2 3; do head -c1; done; for i in 1 2 3 4; do head -c1 >/dev/null; printf '#'; done; stty sane; echo";
  await run(far, `clear; printf 'MO''CK '; ${mocking}`);
  await sees(far, /^MOCK$/);
  for (const key of "abc") {
    await type(far, key);
    await sees(far, new RegExp(`^MOCK [abc]*${key}$`));
  }
  await noted(far);
  await far.keyboard.type("defg", { delay: TYPING_MS });
  await sees(far, /^MOCK abc####/);
  assert.ok((await noted(far)).pictures.some(({ text }) => text.startsWith("d")), "it was shown, and was wrong");
  await within(5_000, "nothing of it", async () => (await far.locator(".prediction-layer *").count()) === 0);
  await endSession(far);
  await window.close();
  way.stop();
});

step("no page complained", () => {
  assert.deepEqual(window.complaints, []);
});

step("pictures", () =>
  shoot(browser, demo, async (other, picture) => {
    await other.goto("/login/");
    await other.getByLabel("User name").fill("ada");
    await picture("login");
    await signIn(other, demo);
    await other.getByRole("link", { name: `Open ${TARGET}` }).waitFor();
    await picture("targets");

    await openTarget(other, TARGET);
    await readable(other);
    await sees(other, PROMPT);
    await run(other, "ls --color=always -l /etc | head -20; uname -a");
    await sees(other, /^Linux /);
    await picture("shell");
    await run(other, "exit 3");
    await other.getByText("The program ended with status 3").waitFor();
    await picture("ended");
    await other.goto(`/shell/?target=${NOBODYS}`);
    await other.getByRole("main").getByRole("alert").waitFor();
    await picture("refused");

    await other.goto("/sessions/");
    await other.getByRole("table", { name: "Ended sessions" }).waitFor();
    await picture("sessions");
    await other.goto("/recordings/");
    await other.getByRole("link", { name: /^Play the recording/ }).first().waitFor();
    await picture("recordings");
    await other.getByRole("link", { name: /^Play the recording/ }).first().click();
    await toEnd(other.getByRole("group", { name: "Player" }));
    await picture("player");

    await other.goto("/admin/satellites/");
    await other.getByRole("table", { name: "Satellites" }).getByRole("link").first().waitFor();
    await picture("satellites");
    await other.getByRole("table", { name: "Satellites" }).getByRole("link").first().click();
    await other.getByRole("heading", { name: "Line to the hub" }).waitFor();
    await picture("satellite");
  }));

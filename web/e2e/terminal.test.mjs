// What the page of a shell does around the shell itself: searching what it printed, asking about what is pasted, keys for
// phones, links, colours, and the full screen. Run by `npm run e2e`.

import assert from "node:assert/strict";

import { openWindow, within } from "./browser.mjs";
import { attached, endSession, openTarget, readable, run, screen, sees, signIn, type } from "./console.mjs";
import { shootPage } from "./shots.mjs";
import { browser, demo, page, step, window } from "./stage.mjs";

const TARGET = "press-4";
const PROMPT = /^\S+:~\$$/;

step("Ctrl+Shift+F searches what scrolled away, Enter goes on and Shift+Enter back, Esc gives the keys back to the shell", async () => {
  await signIn(page, demo);
  await openTarget(page, TARGET);
  await readable(page);
  await run(page, "clear; for i in $(seq 1 17); do echo nee''dle $i; seq 1 20; done; echo all $((40 + 2))");
  await sees(page, /^all 42$/);
  await page.keyboard.press("Control+Shift+F");
  const search = page.getByRole("search");
  const field = search.getByRole("textbox", { name: "Search in the output" });
  await type(page, "needle");
  await search.getByText("17 of 17").waitFor();
  await shootPage(page, "search");
  await field.press("Shift+Enter");
  await search.getByText("16 of 17").waitFor();
  await sees(page, /^needle 16$/);
  await field.press("Enter");
  await field.press("Enter");
  await search.getByText("1 of 17", { exact: true }).waitFor();
  await sees(page, /^needle 1$/);
  await search.getByRole("button", { name: "Next match" }).click();
  await search.getByText("2 of 17").waitFor();
  // Asked for once more, what is there is ready to be typed over.
  await page.keyboard.press("Control+Shift+F");
  await type(page, "not there");
  await search.getByText("No match").waitFor();
  assert.ok(await search.getByRole("button", { name: "Next match" }).isDisabled());
  await page.keyboard.press("Escape");
  await search.waitFor({ state: "detached" });
  await run(page, "echo keys are $((6 * 7)) again");
  await sees(page, /^keys are 42 again$/);
  await page.getByRole("button", { name: "Search in the output" }).click();
  await search.waitFor();
  await page.keyboard.press("Escape");
});

/** Waits until the terminal has the keys again. */
const back = () =>
  within(5_000, "the terminal has the focus", () =>
    page.getByRole("textbox", { name: "Terminal input" }).evaluate((element) => element === document.activeElement));

/** Pastes as a browser does it. */
async function paste(text) {
  await back();
  await page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData("text/plain", pasted);
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
}

step("several lines that a shell would run at once are asked about, with what is not seen", async () => {
  await run(page, "bind 'set enable-bracketed-paste off'; echo rea''dy; cat > pasted.txt");
  await sees(page, /^ready$/);
  await paste("one\n  two\x1b[2K\tlast\n");
  const dialog = page.getByRole("dialog", { name: "Paste 2 lines?" });
  await dialog.getByText("^[").waitFor();
  await dialog.getByText("^I").waitFor();
  await shootPage(page, "paste");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await paste("one\ntwo\n");
  await dialog.getByRole("button", { name: "Paste as one line" }).click();
  await back();
  await run(page, "");
  await sees(page, /^one two$/);
  await paste("three\nfour\n");
  await dialog.getByRole("button", { name: "Paste", exact: true }).click();
  await back();
  await page.keyboard.press("Control+D");
  await run(page, "clear; wc -l pasted.txt; tail -1 pasted.txt");
  await sees(page, /^3 pasted.txt$/);
  await sees(page, /^four$/);
});

step("too much at once is refused in words, and half of it never sent", async () => {
  await paste("x".repeat(1_200_000));
  await page.getByText("Nothing was pasted: the text has 1.2 MB, and at most 1.0 MB go at once.").waitFor();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await page.getByRole("textbox", { name: "Terminal input" }).focus();
  await run(page, "stty -echo raw; echo reading; head -c 1000000 | wc -c; stty sane");
  await sees(page, /^reading/);
  await paste("y".repeat(1_000_000));
  await sees(page, /1000000$/, 60_000);
});

step("who does not want to be asked is not, until they want it again", async () => {
  await run(page, "clear");
  await paste("echo a$((1 + 1))\necho b$((1 + 2))\n");
  await page.getByRole("checkbox", { name: "Do not ask again" }).check();
  await page.getByRole("dialog").getByRole("button", { name: "Paste", exact: true }).click();
  await back();
  await sees(page, /^b3$/);
  await paste("echo c$((2 + 2))\necho d$((2 + 3))\n");
  await sees(page, /^d5$/);
  await page.getByRole("button", { name: "Terminal settings" }).click();
  await page.getByRole("menuitem", { name: "Ask before several lines are pasted" }).click();
  await paste("echo e\necho f\n");
  await page.getByRole("dialog", { name: "Paste 2 lines?" }).getByRole("button", { name: "Cancel" }).click();
  await back();
  // A shell that marks a paste decides itself.
  await run(page, "bind 'set enable-bracketed-paste on'; echo mar''king");
  await sees(page, /^marking$/);
  await within(5_000, "the prompt", async () => PROMPT.test((await screen(page)).filter(Boolean).at(-1)));
  await paste("echo g$((3 + 3))\necho h$((3 + 4))\n");
  assert.equal(await page.getByRole("dialog").count(), 0);
  await page.keyboard.press("Enter");
  await sees(page, /^h7$/);
});

step("on a phone there are the keys that its keyboard has not, and they leave the focus where it is", async () => {
  assert.equal(await page.getByRole("group", { name: "Keys" }).filter({ visible: true }).count(), 0);
  const { page: phone, context, complaints } = await openWindow(browser, { url: demo.url, width: 390, height: 780 });
  await signIn(phone, demo);
  await openTarget(phone, TARGET);
  await readable(phone);
  const keys = phone.getByRole("group", { name: "Keys" });
  const tap = (name) => keys.getByRole("button", { name, exact: true }).click();
  const focused = () => phone.getByRole("textbox", { name: "Terminal input" }).evaluate((element) => element === document.activeElement);
  await within(5_000, "the focus", focused);
  await run(phone, "echo rea''dy; cat -v");
  await sees(phone, /^ready$/);
  for (const name of ["Esc", "Up", "PgDn", "|", "~"]) await tap(name);
  assert.ok(await focused());
  await sees(phone, /^\^\[\^\[\[A\^\[\[6~\|~$/);
  await tap("Ctrl");
  await tap("Left");
  await sees(phone, /\^\[\[1;5D$/);
  assert.equal(await keys.getByRole("button", { name: "Ctrl" }).getAttribute("aria-pressed"), "false");
  await tap("Ctrl");
  await shootPage(phone, "keys-phone");
  await type(phone, "c");
  await within(5_000, "the prompt", async () => PROMPT.test((await screen(phone)).filter(Boolean).at(-1)));
  assert.equal(await keys.getByRole("button", { name: "Ctrl" }).getAttribute("aria-pressed"), "false");
  await run(phone, "clear; printf '\\033[?1happ''lication\\n'; cat -v");
  await sees(phone, /^application$/);
  await tap("Up");
  await sees(phone, /^\^\[OA$/);
  await tap("Ctrl");
  await type(phone, "c");
  await endSession(phone);
  await context.close();
  assert.deepEqual(complaints, []);
});

step("an address in the output opens with Ctrl and a click alone, in a tab of its own that knows nothing of this one", async () => {
  await run(page, "clear; echo see http://openpam-e2e.invalid/a''b, javascript:alert");
  const line = page.locator(".xterm-rows > div").filter({ hasText: /^see http/ }).first();
  await line.waitFor();
  const { x, y, height } = await line.boundingBox();
  const opened = [];
  window.context.on("page", (other) => opened.push(other));
  await window.context.route("http://openpam-e2e.invalid/**", (route) => route.fulfill({ body: "<title>there</title>", contentType: "text/html" }));
  await page.mouse.move(x + 80, y + height / 2, { steps: 4 });
  await within(5_000, "a tooltip with the address", () =>
    page.locator(".xterm").evaluate((element) => element.title === "Ctrl or Cmd and click opens http://openpam-e2e.invalid/ab"));
  await page.mouse.click(x + 80, y + height / 2);
  assert.equal(opened.length, 0);
  await page.keyboard.down("Control");
  await page.mouse.click(x + 80, y + height / 2);
  await page.keyboard.up("Control");
  await within(5_000, "another tab", () => opened.length === 1);
  await opened[0].waitForLoadState();
  assert.equal(opened[0].url(), "http://openpam-e2e.invalid/ab");
  assert.deepEqual(await opened[0].evaluate(() => [globalThis.opener, document.referrer]), [null, ""]);
  await opened[0].close();
});

/** The colour of what surrounds the terminal's letters. */
const background = () => page.locator(".terminal-box").evaluate((element) => getComputedStyle(element).backgroundColor);

step("the terminal has the colours that one chose, also after a reload", async () => {
  assert.equal(await background(), "rgb(255, 255, 255)");
  for (const [name, colour] of [["High contrast", "rgb(0, 0, 0)"], ["Solarized dark", "rgb(0, 43, 54)"]]) {
    await page.getByRole("button", { name: "Terminal settings" }).click();
    await page.getByRole("menuitemradio", { name }).click();
    await within(5_000, name, async () => (await background()) === colour);
    await run(page, "clear; ls --color=always -l /etc | head -20");
    await back();
    await within(5_000, "the prompt", async () => PROMPT.test((await screen(page)).filter(Boolean).at(-1)));
    await shootPage(page, `colours-${name.split(" ")[0].toLowerCase()}`);
  }
  await page.reload();
  await attached(page);
  assert.equal(await background(), "rgb(0, 43, 54)");
  await page.getByRole("button", { name: "Terminal settings" }).click();
  await shootPage(page, "settings");
  assert.equal(await page.getByRole("menuitemradio", { name: "Solarized dark" }).getAttribute("aria-checked"), "true");
  await page.getByRole("menuitemradio", { name: "As the page" }).click();
});

step("the page fills the screen and comes back, and the keys stay the shell's", async () => {
  await page.getByRole("button", { name: "Full screen" }).click();
  await page.getByRole("button", { name: "Leave full screen" }).waitFor();
  await back();
  await run(page, "echo full $((6 * 7))");
  await sees(page, /^full 42$/);
  await page.getByRole("button", { name: "Leave full screen" }).click();
  await page.getByRole("button", { name: "Full screen", exact: true }).waitFor();
});

step("nothing complained", async () => {
  await endSession(page);
  assert.deepEqual(window.complaints, []);
});

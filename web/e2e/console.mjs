// What a person does in the pages, in their words: sign in, open a target, type, read the screen.

import { within } from "./browser.mjs";

const OPEN_MS = 30_000;

export async function signIn(page, { user, password }) {
  await page.goto("/login/");
  await page.getByLabel("User name").fill(user);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "My targets" }).waitFor();
}

/** The shell that is shown. */
export const shell = (page) => page.locator("[data-phase]").filter({ visible: true });

/** Waits until the shell on this page is attached. */
export const attached = (page) => page.locator('[data-phase="open"]').filter({ visible: true }).waitFor({ timeout: OPEN_MS });

export async function openTarget(page, name) {
  await page.getByRole("link", { name: `Open ${name}` }).click();
  await attached(page);
}

/** The terminal then keeps its text where screen readers, and this test, read it. The browser remembers. */
export async function readable(page) {
  await page.getByRole("button", { name: "Terminal settings" }).click();
  await page.getByRole("menuitem", { name: "Turn screen reader support on" }).click();
  await page.getByRole("main").getByRole("list").waitFor({ state: "attached" });
}

/** The lines in sight, without what pads them. */
export async function screen(page) {
  const lines = await page.getByRole("main").getByRole("listitem").allTextContents();
  return lines.map((line) => line.replaceAll("\u00a0", " ").trimEnd());
}

/** Waits until a line in sight matches; answers the match. */
export const sees = (page, pattern, limit_ms = 15_000) =>
  within(limit_ms, `a line like ${pattern}`, async () => {
    const lines = await screen(page);
    return lines.map((line) => pattern.exec(line)).find(Boolean);
  }).catch(async (error) => {
    throw new Error(`${error.message}; in sight:\n${(await screen(page)).join("\n").trimEnd()}`);
  });

/** Types into the terminal, as keys. */
export const type = (page, text) => page.keyboard.type(text);

export async function run(page, command) {
  await type(page, command);
  await page.keyboard.press("Enter");
}

/** Ends the shell on this page by its button. */
export async function endSession(page) {
  await page.getByRole("button", { name: "End session" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End session" }).click();
  await page.getByText("You ended this session").waitFor();
}

/** Whether a player's screen shows the moment where the player stands. */
export const settled = async (player) => (await player.getAttribute("data-busy")) === "false";

/** Goes to the end of a recording, once all of it is read. */
export async function toEnd(player) {
  await within(20_000, "all of the recording", async () => (await player.getAttribute("data-complete")) === "true");
  const position = player.getByRole("slider", { name: "Position" });
  await position.press("End");
  await within(20_000, "its end", async () => (await position.inputValue()) === (await position.getAttribute("max")) && (await settled(player)));
}

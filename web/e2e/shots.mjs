// Pictures of the pages, dark and light, on a desk and on a phone: into web/e2e/shots, or the folder in OPENPAM_E2E_SHOTS.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { openWindow } from "./browser.mjs";

const FOLDER = process.env.OPENPAM_E2E_SHOTS || fileURLToPath(new URL("shots", import.meta.url));

const WINDOWS = [
  { name: "light", dark: false },
  { name: "dark", dark: true },
  { name: "phone-light", dark: false, width: 390, height: 780 },
  { name: "phone-dark", dark: true, width: 390, height: 780 },
];

/** Goes the same way in each window; `visit` gets a page, and a function that takes its picture under a name. */
export async function shoot(browser, { url }, visit) {
  mkdirSync(FOLDER, { recursive: true });
  for (const { name: kind, ...window } of WINDOWS) {
    const { context, page } = await openWindow(browser, { ...window, url });
    try {
      await visit(page, (name) => page.screenshot({ path: join(FOLDER, `${name}-${kind}.png`) }));
    } finally {
      await context.close();
    }
  }
}

/** One page as it is now. */
export async function shootPage(page, name) {
  mkdirSync(FOLDER, { recursive: true });
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
}

/** Every page as it is when a step failed, and what it says. */
export async function shootFailure(context, log) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [index, page] of context.pages().entries()) {
    await page.screenshot({ path: join(FOLDER, `failed-${index}.png`) }).catch(() => undefined);
    const text = await page.locator("body").innerText({ timeout: 1000 }).catch((error) => error.message);
    log.diagnostic(`page ${index}, ${page.url()}:\n${text.slice(0, 2000)}`);
  }
}

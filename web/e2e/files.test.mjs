// Files to a desktop and from it, in the page: through a cut line, whole, and in the audit. Run by `npm run e2e`.

// First: the demo starts when the stage is set.
import "./with-desktop.mjs";

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { endSession, openTarget, signIn } from "./console.mjs";
import { shootPage } from "./shots.mjs";
import { demo, page, step } from "./stage.mjs";

const TARGET = "panel-4";
const NAME = "recipe.bin";
/** So large that the line is cut amid. */
const BYTES = 12 * 1024 * 1024;
const NOTICED_MS = 60_000;
const MOVED_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), "openpam-e2e-files."));
after(() => rmSync(folder, { recursive: true, force: true }));
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const sent = randomBytes(BYTES);

const panel = () => page.getByRole("complementary", { name: "Desktop panel" });
const transfers = () => page.getByRole("region", { name: "Files on their way" });

step("a file goes up although the line is cut amid, and comes down whole", async (told) => {
  writeFileSync(join(folder, NAME), sent);
  await signIn(page, demo);
  await openTarget(page, TARGET);
  await page.locator("[data-pictured]").filter({ visible: true }).waitFor({ timeout: 30_000 });
  await page.keyboard.press("Control+Alt+Shift");
  await panel().waitFor();
  await panel().getByText("Nothing is in this folder.").waitFor();
  const begun = Date.now();
  await panel().getByLabel("Send files").setInputFiles(join(folder, NAME));
  const progress = transfers().getByRole("progressbar");
  await progress.waitFor();
  demo.press("c");
  await page.getByText(/^Link to plant-7 lost\./).waitFor({ timeout: NOTICED_MS });
  await shootPage(page, "desktop-files-cut");
  const at = await progress.getAttribute("aria-valuenow");
  assert.ok(Number(at) < 100, `it is under way: ${at} %`);
  demo.press("r");
  await transfers().getByText(`Sent ${NAME}`).waitFor({ timeout: MOVED_MS });
  told.diagnostic(`${BYTES} bytes up in ${Date.now() - begun} ms, cut at ${at} %`);
  const fetch = panel().getByRole("button", { name: `Fetch ${NAME}` });
  await fetch.waitFor();
  const again = Date.now();
  const [download] = await Promise.all([page.waitForEvent("download", { timeout: MOVED_MS }), fetch.click()]);
  const came = readFileSync(await download.path());
  told.diagnostic(`and down in ${Date.now() - again} ms`);
  assert.equal(sha256(came), sha256(sent));
  await shootPage(page, "desktop-files");
  await page.keyboard.press("Escape");
  await endSession(page);
});

step("the audit has both, with their hash", async () => {
  const answer = await page.request.get(`${demo.url}/api/v1/audit/events?kind=session.&limit=50`);
  const { items } = await answer.json();
  const moved = items.filter(({ kind }) => kind.endsWith("loaded")).map(({ kind, detail }) => [kind, detail.name, detail.bytes, detail.whole, detail.sha256]);
  const file = [`/${NAME}`, BYTES, true, sha256(sent)];
  assert.deepEqual(moved.toSorted(), [["session.downloaded", ...file], ["session.uploaded", ...file]]);
});

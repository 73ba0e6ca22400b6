// A site is cut off from its hub, for real: what an admin sees meanwhile, what holds there, and what the report says
// afterwards. Run by `npm run e2e`.

import assert from "node:assert/strict";

import { openWindow, within } from "./browser.mjs";
import { openTarget, readable, run, sees, signIn } from "./console.mjs";
import { press } from "./keyboard.mjs";
import { shoot } from "./shots.mjs";
import { browser, demo, page, step, window } from "./stage.mjs";

const TARGET = "press-4";
const BOB = { user: "bob", password: "bob opens the press" };
/** A site notices a dead line after half a minute at most. */
const NOTICED_MS = 60_000;
/** An outage is told of from ten seconds on. */
const LONG_ENOUGH_MS = 12_000;

const link = (name) => page.getByRole("navigation").getByRole("link", { name, exact: true }).filter({ visible: true });

/** Calls of the API as the admin who is signed in on that page. */
const admins = (on, method, path, body) =>
  on.evaluate(
    async ({ method, path, body }) => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`/api/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
      return answer.status === 204 ? null : answer.json();
    },
    { method, path, body },
  );

let bob;
let grant;

step("bob may open the press by a grant of his own, and does", async () => {
  await signIn(page, demo);
  const user = await admins(page, "POST", "admin/users", { username: BOB.user, password: BOB.password, role: "user" });
  const targets = await admins(page, "GET", "targets");
  const target = targets.items.find(({ name }) => name === TARGET);
  grant = await admins(page, "POST", "admin/grants", { user_id: user.id, target_id: target.id });
  assert.equal(grant.offline_seconds, 86_400);
  bob = await openWindow(browser, { url: demo.url });
  await signIn(bob.page, BOB);
  await openTarget(bob.page, TARGET);
  await readable(bob.page);
  await run(bob.page, "echo bob is $((40+2))");
  await sees(bob.page, /bob is 42/);
});

step("the line is cut: the site stays in the list, with what it enforces and until when", async () => {
  await press(link("Satellites"));
  await page.getByText(/^v\d+$/).waitFor();
  demo.press("c");
  await page.getByText("Offline", { exact: true }).first().waitFor({ timeout: NOTICED_MS });
  await page.getByText(/goes on alone until/).waitFor();
});

step("a grant that is taken away meanwhile has not reached the site, and that is said", async () => {
  await admins(page, "DELETE", `admin/grants/${grant.id}`);
  await page.getByText(/^v\d+ of v\d+$/).first().waitFor();
  await shoot(browser, demo, async (other, picture) => {
    await signIn(other, demo);
    await other.goto("/admin/satellites/");
    await other.getByText(/goes on alone until/).waitFor();
    await picture("satellites-away");
    await other.getByRole("table").getByRole("link").first().click();
    await other.getByText("it holds there at the latest from").first().waitFor();
    await picture("satellite-away");
  });
  await page.waitForTimeout(LONG_ENOUGH_MS);
});

step("the line is back: bob's session ends, and the report says what was decided differently", async () => {
  demo.press("r");
  await bob.page.getByText("This target is not granted to you").waitFor({ timeout: NOTICED_MS });
  await bob.context.close();
  const made = await within(30_000, "the report", async () => {
    const outages = await admins(page, "GET", "outages");
    return outages.items.find(({ sessions }) => sessions !== null);
  });
  assert.equal(made.difference_count, 1);
  await press(link("Audit"));
  await press(page.getByRole("navigation", { name: "Audit" }).getByRole("link", { name: "Outages" }));
  const table = page.getByRole("table", { name: "Outages" });
  await press(table.getByRole("row").filter({ hasText: "1 decision" }));
  await page.getByRole("heading", { name: "Outage of plant-7" }).waitFor();
  const report = page.getByRole("table", { name: "Decided differently" });
  await report.getByText(new RegExp(`bob on ${TARGET} went on until .*; by the policy of .* it would have ended at .*: grant taken away`)).waitFor();
  await shoot(browser, demo, async (other, picture) => {
    await signIn(other, demo);
    await other.goto("/audit/outages/");
    await other.getByRole("table", { name: "Outages" }).getByRole("row").filter({ hasText: "1 decision" }).first().waitFor();
    await picture("outages");
    await other.goto(`/audit/outages/outage/?id=${made.id}`);
    await other.getByRole("table", { name: "Decided differently" }).waitFor();
    await picture("outage");
  });
});

step("no page complained", () => assert.deepEqual(window.complaints, []));

// The bus, as an admin and an auditor see it: there, frozen for real, and back; and how other programs listen. Run by
// `npm run e2e`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { openWindow } from "./browser.mjs";
import { signIn } from "./console.mjs";
import { press } from "./keyboard.mjs";
import { shoot } from "./shots.mjs";
import { browser, demo, page, step, window } from "./stage.mjs";

const AUDITOR = { user: "audra", password: "the books are open" };
const USER = { user: "bob", password: "bob opens the press" };
/** A server that says nothing is noticed after a few pings, and the page asks every few seconds. */
const NOTICED_MS = 60_000;

const link = (on, name) => on.getByRole("navigation").getByRole("link", { name, exact: true }).filter({ visible: true });
/** The nats-server that the hub runs. */
const signal = (name) => process.kill(Number(readFileSync(join(demo.data, "hub/nats/nats.pid"), "utf8")), name);

const add = (on, { user, password }, role) =>
  on.evaluate(
    async ({ user, password, role }) => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch("/api/v1/admin/users", { method: "POST", headers, body: JSON.stringify({ username: user, password, role }) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    { user, password, role },
  );

step("an admin sees the bus: its server, the stream, and what waits", async () => {
  await signIn(page, demo);
  await add(page, AUDITOR, "auditor");
  await press(link(page, "Bus"));
  await page.getByRole("heading", { name: "Bus", exact: true }).waitFor();
  await page.getByText("Connected", { exact: true }).waitFor();
  await page.getByText("run by the hub itself").waitFor();
  const server = page.getByRole("table", { name: "Servers" }).getByRole("row").nth(1);
  await server.getByText(/^\d+\.\d+\.\d+$/).waitFor();
  const stream = page.getByRole("region", { name: "Stream of events" });
  await stream.getByText("OPENPAM", { exact: true }).waitFor();
  await page.getByRole("region", { name: "Connection" }).getByText("none", { exact: true }).waitFor();
});

step("it says how to listen, for this very server", async () => {
  const listen = page.getByRole("region", { name: "Listen" });
  await listen.getByText(/nats --server 'nats:\/\/127\.0\.0\.1:\d+' --creds siem\.creds --inbox-prefix _INBOX_siem sub/).waitFor();
  await press(listen.getByRole("button", { name: /^Copy/ }));
  await listen.getByText(/Copied|Selected/).waitFor();
});

step("pictures of it", () =>
  shoot(browser, demo, async (other, picture) => {
    await signIn(other, demo);
    await other.goto("/bus/");
    await other.getByRole("table", { name: "Servers" }).waitFor();
    await picture("bus");
    await other.getByRole("region", { name: "Listen" }).scrollIntoViewIfNeeded();
    await picture("bus-listen");
  }));

step("its server freezes: the page says so by itself, and what happens meanwhile waits", async () => {
  signal("SIGSTOP");
  try {
    await page.getByText("Not connected", { exact: true }).waitFor({ timeout: NOTICED_MS });
    await page.getByText("Sessions go on and no event is lost").waitFor();
    await add(page, USER, "user");
    await page.getByText(/^[1-9]\d*, the oldest since/).waitFor({ timeout: NOTICED_MS });
    await shoot(browser, demo, async (other, picture) => {
      await signIn(other, demo);
      await other.goto("/bus/");
      await other.getByText("Not connected", { exact: true }).waitFor();
      await picture("bus-away");
    });
  } finally {
    signal("SIGCONT");
  }
});

step("it is back: the page says so by itself, and nothing waits", async () => {
  await page.getByText("Connected", { exact: true }).waitFor({ timeout: NOTICED_MS });
  await page.getByRole("region", { name: "Connection" }).getByText("none", { exact: true }).waitFor({ timeout: NOTICED_MS });
});

step("an auditor sees it too, and a user does not", async () => {
  const { context, page: other } = await openWindow(browser, { url: demo.url });
  await signIn(other, AUDITOR);
  await press(link(other, "Bus"));
  await other.getByRole("table", { name: "Servers" }).waitFor();
  await context.clearCookies();
  await signIn(other, USER);
  assert.equal(await link(other, "Bus").count(), 0);
  await other.goto("/bus/");
  await other.getByText("This page is not for your role").waitFor();
  await context.close();
});

step("no page complained", () => assert.deepEqual(window.complaints, []));

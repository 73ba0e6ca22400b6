// The browser: Debian's chromium, driven by playwright-core. With OPENPAM_E2E_PAGES=FOLDER the pages come from that
// folder instead of from the hub, to try an export that the programs do not embed yet.

import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const PROGRAM = process.env.OPENPAM_E2E_CHROMIUM || "/usr/bin/chromium";
const PAGES = process.env.OPENPAM_E2E_PAGES ?? "";
const LIMIT_MS = 15_000;
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".txt": "text/plain" };

// Pages from a folder have no address, so the browser would keep them from the hub on this machine.
const FROM_FOLDER = ["--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets"];
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];

export const launch = () => chromium.launch({ executablePath: PROGRAM, args: PAGES ? [...ARGS, ...FROM_FOLDER] : ARGS });

function policy() {
  const hashes = readFileSync(join(PAGES, "csp-hashes.txt"), "utf8").trim().split("\n").join(" ");
  return `default-src 'self'; script-src 'self' ${hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'`;
}

async function fromFolder(route) {
  const { pathname } = new URL(route.request().url());
  if (pathname.startsWith("/api/")) return route.fallback();
  let file = join(PAGES, normalize(pathname));
  if (existsSync(file) && statSync(file).isDirectory()) file = join(file, "index.html");
  const found = existsSync(file);
  if (!found) file = join(PAGES, "404.html");
  return route.fulfill({
    status: found ? 200 : 404,
    body: readFileSync(file),
    headers: { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "content-security-policy": policy() },
  });
}

/**
 * A browser window of its own, as somebody who never was here has it. `complaints` collects what pages throw or log as
 * errors.
 */
export async function openWindow(browser, { url, dark = false, width = 1280, height = 800, density = 1 } = {}) {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height },
    deviceScaleFactor: density,
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
    acceptDownloads: true,
  });
  context.setDefaultTimeout(LIMIT_MS);
  if (PAGES) await context.route(`${url}/**`, fromFolder);
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`thrown: ${error.message}`));
  page.on("console", (message) => {
    // What pages show in words is no complaint: a nobody, a wrong password, a recording on its way, a refused
    // change, a hub taken away.
    const answered = /responded with a status of (400|401|404|409)|net::ERR_CONNECTION_REFUSED/.test(message.text());
    if (message.type() === "error" && !answered) complaints.push(`${message.text()} (${message.location().url})`);
  });
  return { context, page, complaints };
}

/** Waits for a condition, at most so long. */
export async function within(limit_ms, what, holds) {
  const limit = Date.now() + limit_ms;
  for (;;) {
    const value = await holds();
    if (value) return value;
    if (Date.now() > limit) throw new Error(`not within ${limit_ms} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

// A whole demo for one run of the browser tests: the real hub, satellite and SSH server on free ports and in a folder
// of its own, started and ended as somebody at a terminal does it.

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const COMMAND = fileURLToPath(new URL("../../deploy/dev/demo", import.meta.url));
export const PROGRAMS = process.env.OPENPAM_DEMO_PROGRAMS || fileURLToPath(new URL("../../target/debug", import.meta.url));
const CTRL_C = "\u0003";
const START_LIMIT_MS = 120_000;

export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return String(port);
}

/** Resolves with what the ready line says. */
function ready(child) {
  return new Promise((done, fail) => {
    let out = "";
    const timer = setTimeout(() => fail(new Error(`the demo is not ready: ${out}`)), START_LIMIT_MS);
    child.stdout.on("data", (bytes) => {
      out += bytes;
      // With the keys it says that it reads them, last of all.
      const found = /^ready (\S+) user=(\S+) password=(\S+)\r?\n.*keys: /ms.exec(out);
      if (!found) return;
      clearTimeout(timer);
      const [, url, user, password] = found;
      done({ url, user, password });
    });
    child.once("exit", () => fail(new Error(`the demo ended: ${out}`)));
  });
}

/**
 * Starts it on a terminal of its own; answers {url, user, password, data, sshPort, press, stop}. `press(key)` is a key on that
 * terminal: c cuts the line to the site, r restores it, k kills the hub. `settings` are added to the environment.
 */
export async function startDemo(settings = {}) {
  const base = mkdtempSync(join(tmpdir(), "openpam-e2e."));
  spawnSync("chmod", ["755", base]);
  const env = {
    ...process.env,
    ...settings,
    OPENPAM_DEMO_PROGRAMS: PROGRAMS,
    // Who wants its second target says so.
    OPENPAM_DEMO_DESKTOP: process.env.OPENPAM_DEMO_DESKTOP ?? "off",
    OPENPAM_DEMO_DIR: join(base, "data"),
    OPENPAM_DEMO_HTTP_PORT: await freePort(),
    OPENPAM_DEMO_TUNNEL_PORT: await freePort(),
    OPENPAM_DEMO_SSH_PORT: await freePort(),
    OPENPAM_DEMO_METRICS_PORT: await freePort(),
    OPENPAM_DEMO_RDP_PORT: await freePort(),
    OPENPAM_DEMO_GUACD_PORT: await freePort(),
  };
  const child = spawn("script", ["-qefc", COMMAND, "/dev/null"], { env, stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((done) => child.once("exit", done));
  const press = (key) => child.stdin.write(key);
  const stop = async () => {
    press(CTRL_C);
    await ended;
    spawnSync(COMMAND, ["clean"], { env });
    rmSync(base, { recursive: true, force: true });
  };
  try {
    return { ...(await ready(child)), press, stop, data: env.OPENPAM_DEMO_DIR, sshPort: env.OPENPAM_DEMO_SSH_PORT };
  } catch (error) {
    await stop();
    throw error;
  }
}

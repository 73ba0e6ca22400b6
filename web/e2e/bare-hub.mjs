// A hub on which nothing is configured but one administrator, and a satellite that joins it by hand.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { PROGRAMS, freePort } from "./demo.mjs";

const START_MS = 60_000;
const ADMIN = { user: "admin", password: "nothing is here yet" };

/** Starts it; answers {url, user, password, join, stop}. `join(token)` joins a satellite and runs it. */
export async function startBareHub() {
  const base = mkdtempSync(join(tmpdir(), "openpam-e2e."));
  spawnSync("chmod", ["755", base]);
  const [http, tunnel, metrics] = [await freePort(), await freePort(), await freePort()];
  const env = {
    ...process.env,
    OPENPAM_DATA_DIR: join(base, "hub"),
    OPENPAM_LISTEN: `127.0.0.1:${http}`,
    OPENPAM_TUNNEL_LISTEN: `127.0.0.1:${tunnel}`,
    OPENPAM_METRICS_LISTEN: `127.0.0.1:${metrics}`,
  };
  const state = join(base, "satellite");
  const hub = join(PROGRAMS, "openpam-hub");
  const satellite = join(PROGRAMS, "openpam-satellite");
  const children = [];
  const start = (program, args) => {
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "ignore"] });
    children.push(child);
    return child;
  };
  const stop = async () => {
    for (const child of children.toReversed()) {
      if (child.exitCode !== null) continue;
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    rmSync(base, { recursive: true, force: true });
  };
  const added = spawnSync(hub, ["user", "add", ADMIN.user, "--role", "admin"], { env, input: `${ADMIN.password}\n`, encoding: "utf8" });
  assert.equal(added.status, 0, added.stderr);
  const child = start(hub, ["serve"]);
  const [said] = await once(child.stdout.setEncoding("utf8"), "data", { signal: AbortSignal.timeout(START_MS) });
  assert.match(said, /^openpam-hub ready on /);
  return {
    url: `http://localhost:${http}`,
    ...ADMIN,
    join: (token) => {
      const joined = spawnSync(satellite, ["join", "-", "--state", state], { env, input: `${token}\n`, encoding: "utf8" });
      assert.equal(joined.status, 0, joined.stderr);
      start(satellite, ["run", "--state", state]);
    },
    stop,
  };
}

// The demo as somebody at a terminal has it: started, hurt, stopped, started again, forgotten. It runs the real
// thing on ports and in a folder of its own, with the programs in OPENPAM_DEMO_PROGRAMS, or those in
// target/debug. The tests build on each other, in this order.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { answers, noDesktop } from "./desktop.mjs";
import { managedServers } from "./servers.mjs";
import { alive, look, marked } from "./processes.mjs";
import { Rest } from "./rest.mjs";

const COMMAND = resolve(fileURLToPath(import.meta.url), "../../demo");
const PROGRAMS = process.env.OPENPAM_DEMO_PROGRAMS || resolve(fileURLToPath(import.meta.url), "../../../../target/debug");
const base = mkdtempSync(join(tmpdir(), "openpam-demo-test."));
const data = join(base, "data");
spawnSync("chmod", ["755", base]);

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

const http = await freePort();
const env = {
  ...process.env,
  OPENPAM_DEMO_PROGRAMS: PROGRAMS,
  OPENPAM_DEMO_DIR: data,
  OPENPAM_DEMO_HTTP_PORT: String(http),
  OPENPAM_DEMO_TUNNEL_PORT: String(await freePort()),
  OPENPAM_DEMO_SSH_PORT: String(await freePort()),
  OPENPAM_DEMO_METRICS_PORT: String(await freePort()),
  OPENPAM_DEMO_RDP_PORT: String(await freePort()),
  OPENPAM_DEMO_GUACD_PORT: String(await freePort()),
};
const [rdp, guacd] = [env.OPENPAM_DEMO_RDP_PORT, env.OPENPAM_DEMO_GUACD_PORT].map(Number);
const lack = await noDesktop({ root: process.getuid() === 0, ports: { rdp, guacd } });
const desktops = lack === null ? {} : { skip: `no desktop: ${lack}` };
const accounts = () => readFileSync(join(data, "openpam-demo"), "utf8").trim().split("\n");

/** Waits for a condition, at most so long; returns how long it took. */
async function within(limit_ms, what, holds) {
  const begun = Date.now();
  while (!(await holds())) {
    assert.ok(Date.now() - begun < limit_ms, `${what} within ${limit_ms} ms`);
    await new Promise((done) => setTimeout(done, 20));
  }
  return Date.now() - begun;
}

const running = [];
/** Starts the demo without terminal and input; `ready` resolves with its line. */
function start() {
  const child = spawn(COMMAND, [], { env, stdio: ["ignore", "pipe", "pipe"] });
  const demo = { child, out: "", err: "", exit: new Promise((done) => child.once("exit", done)) };
  running.push(demo);
  child.stderr.on("data", (bytes) => (demo.err += bytes));
  demo.ready = new Promise((done, fail) => {
    child.stdout.on("data", (bytes) => {
      demo.out += bytes;
      if (demo.out.includes("\n")) done(demo.out);
    });
    child.once("exit", () => fail(new Error(`the demo ended: ${demo.err}`)));
  });
  demo.ready.catch(() => {});
  return demo;
}

const processes = () => JSON.parse(readFileSync(join(data, "running.json"), "utf8"));
const ours = () => [...marked(`IN_OPENPAM_DEMO=${data}`), ...managedServers({ hub: join(data, "hub") })];
const ready = async () => (await fetch(`http://localhost:${http}/ready`).catch(() => null))?.status === 200;

after(async () => {
  for (const demo of running) {
    demo.child.kill("SIGTERM");
    await demo.exit;
  }
  spawnSync(COMMAND, ["clean"], { env });
  rmSync(base, { recursive: true, force: true });
});

test("a taken port is named in one line", async () => {
  const server = createServer();
  await new Promise((done) => server.listen(http, "127.0.0.1", done));
  const demo = start();
  const code = await demo.exit;
  await new Promise((done) => server.close(done));
  assert.equal(code, 1);
  assert.match(demo.err, new RegExp(`^demo: port ${http} \\(tcp, for the web page\\) is taken by .*OPENPAM_DEMO_HTTP_PORT.*\\n$`));
});

let line;
test("everything answers, and standard output holds the ready line alone", async () => {
  const demo = start();
  line = await demo.ready;
  assert.match(line, new RegExp(`^ready http://localhost:${http} user=admin password=\\w+\\n$`));
  assert.ok(await ready());
});

test("the desktop answers, and is in the books with its account", desktops, async () => {
  const rest = new Rest(`http://localhost:${http}`);
  assert.ok(await rest.signIn("admin", line.trim().split("password=")[1]));
  const target = (await rest.list("/targets")).find((each) => each.protocol === "rdp");
  assert.equal(target.name, "panel-4");
  assert.deepEqual(target.credentials.map((credential) => credential.username), [accounts()[1]]);
  for (const port of [rdp, guacd]) assert.ok(await answers(port));
});

test("a second demo on the same data is refused, and so is demo-clean", async () => {
  const second = start();
  assert.equal(await second.exit, 1);
  assert.match(second.err, /^demo: a demo already runs .*\n$/);
  const clean = spawnSync(COMMAND, ["clean"], { env, encoding: "utf8" });
  assert.equal(clean.status, 1);
  assert.match(clean.stderr, /is running/);
});

for (const role of ["hub", "satellite", "sshd", "xrdp", "guacd"]) {
  const options = role === "xrdp" || role === "guacd" ? desktops : {};
  test(`a ${role} that is killed is started again within 2 s, and nothing else is touched`, options, async () => {
    const before = processes();
    process.kill(before[role].pid, "SIGKILL");
    await within(2000, `a new ${role}`, () => processes()[role].pid !== before[role].pid && alive(processes()[role]));
    await within(20_000, "ready again", ready);
    const { [role]: _, ...others } = before;
    for (const [name, process] of Object.entries(others)) assert.ok(alive(process), `${name} is the same process`);
  });
}

test("a stop ends everything within 10 s, also right after the hub was killed", async () => {
  const demo = running.find((each) => each.child.exitCode === null);
  process.kill(processes().hub.pid, "SIGKILL");
  demo.child.kill("SIGINT");
  const begun = Date.now();
  assert.equal(await demo.exit, 0);
  assert.ok(Date.now() - begun < 10_000);
  assert.deepEqual(ours(), []);
});

test("the second start is quick, with the same password and data", async () => {
  const begun = Date.now();
  const demo = start();
  assert.equal(await demo.ready, line);
  assert.ok(Date.now() - begun < 10_000, `took ${Date.now() - begun} ms`);
  assert.doesNotMatch(demo.err, /joins zone/);
});

test("a program put in the background on the target goes when the demo goes", { skip: process.getuid() !== 0 }, async () => {
  const secret = readFileSync(join(data, "target-secret"), "utf8").trim();
  const [account] = accounts();
  const to = ["-p", env.OPENPAM_DEMO_SSH_PORT, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"];
  const command = "setsid nohup sleep 600 >/dev/null 2>&1 & echo $! $LANG";
  const shell = spawnSync("sshpass", ["-e", "ssh", ...to, `${account}@127.0.0.1`, command], {
    env: { ...process.env, SSHPASS: secret },
    encoding: "utf8",
  });
  assert.equal(shell.status, 0, shell.stderr);
  const [pid, language] = shell.stdout.trim().split(" ");
  assert.equal(language, "C.UTF-8");
  const demo = running.at(-1);
  demo.child.kill("SIGTERM");
  assert.equal(await demo.exit, 0);
  assert.equal(look(pid), null);
});

test("keys cut the line, restore it and kill the hub, also without a controlling terminal", async () => {
  // A terminal of its own for it, which it does not control.
  const child = spawn("script", ["-qefc", `setsid --wait ${COMMAND}`, "/dev/null"], { env, stdio: ["pipe", "pipe", "inherit"] });
  const exit = new Promise((done) => child.once("exit", done));
  let out = "";
  child.stdout.on("data", (bytes) => (out += bytes));
  const says = (what, limit_ms = 5000) => within(limit_ms, what, () => out.includes(what));
  await says("keys: c cuts the line to plant-7", 30_000);
  const rest = new Rest(`http://localhost:${http}`);
  assert.ok(await rest.signIn("admin", line.trim().split("password=")[1]));
  const reachable = async () => (await rest.list("/targets").catch(() => [])).some((target) => target.reachable);
  await within(10_000, "a line", reachable);
  child.stdin.write("c");
  await says("is cut: nothing passes");
  await within(20_000, "the hub notices", async () => !(await reachable()));
  child.stdin.write("r");
  await says("is restored");
  await within(20_000, "the line again", reachable);
  const before = processes();
  child.stdin.write("k");
  await within(2000, "a new hub", () => processes().hub.pid !== before.hub.pid && alive(processes().hub));
  assert.ok(alive(before.satellite));
  await within(20_000, "the line again", reachable);
  child.stdin.write("\u0003");
  assert.equal(await exit, 0);
  assert.deepEqual(ours(), []);
});

test("what a killed supervisor leaves behind is ended by the next start", async () => {
  const first = start();
  await first.ready;
  const left = Object.values(processes());
  first.child.kill("SIGKILL");
  await first.exit;
  const second = start();
  assert.equal(await second.ready, line);
  assert.deepEqual(left.filter(alive), []);
  second.child.kill("SIGHUP");
  assert.equal(await second.exit, 0);
  assert.deepEqual(ours(), []);
});

test("where there can be no desktop the demo says why in one line, and has its shell", async () => {
  const server = createServer();
  await new Promise((done) => server.listen(guacd, "127.0.0.1", done));
  const demo = start();
  assert.equal(await demo.ready, line);
  await new Promise((done) => server.close(done));
  assert.equal(demo.err.match(/^demo: goes on without a desktop: .+$/gm)?.length, 1);
  assert.equal(processes().xrdp, undefined);
  demo.child.kill("SIGTERM");
  assert.equal(await demo.exit, 0);
  assert.deepEqual(ours(), []);
});

test("the targets' passwords were never printed", () => {
  for (const file of ["target-secret", "desktop-secret"]) {
    if (!existsSync(join(data, file))) continue;
    const secret = readFileSync(join(data, file), "utf8").trim();
    for (const demo of running) assert.ok(!(demo.out + demo.err).includes(secret));
    for (const log of readdirSync(join(data, "logs"))) {
      assert.ok(!readFileSync(join(data, "logs", log), "utf8").includes(secret), log);
    }
  }
});

test("demo-clean forgets the data and the accounts", () => {
  const names = accounts();
  const clean = spawnSync(COMMAND, ["clean"], { env, encoding: "utf8" });
  assert.equal(clean.status, 0, clean.stderr);
  assert.ok(!existsSync(data));
  if (process.getuid() !== 0) return;
  for (const name of names) assert.notEqual(spawnSync("getent", ["passwd", name]).status, 0);
});

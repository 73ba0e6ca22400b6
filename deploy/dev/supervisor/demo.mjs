// One demo from the first look at the machine to the last process gone. What each part is stands in its own
// file; here is their order. Driven by main.mjs.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { kept, password, prepareAccount, prepareDesktopAccount } from "./account.mjs";
import { desktop, joinSatellite, machine, missing, target, zone } from "./books.mjs";
import { programs } from "./build.mjs";
import { Child } from "./child.mjs";
import { answers, noDesktop, prepareGuacd, prepareXrdp } from "./desktop.mjs";
import { endServers } from "./servers.mjs";
import { endLeftovers, marker, prepareFolder, strays } from "./folder.mjs";
import { Line, freePort } from "./line.mjs";
import { takeLock } from "./lock.mjs";
import { checkPorts } from "./ports.mjs";
import { alive, descendants, end } from "./processes.mjs";
import { Record } from "./record.mjs";
import { NoAnswer, Rest } from "./rest.mjs";
import { run } from "./run.mjs";
import { Failure, say, sayReady } from "./say.mjs";
import { prepareSshd, sshAnswers } from "./sshd.mjs";

const START_LIMIT_MS = 90_000;
const POLL_MS = 100;
const LOG_CHECK_MS = 60_000;
// Together below the 10 s in which a demo has to be gone.
const SATELLITE_PATIENCE_MS = 2500;
const HUB_PATIENCE_MS = 5500;
const SSHD_PATIENCE_MS = 1000;
const DESKTOP_PATIENCE_MS = 1000;
const SERVERS_PATIENCE_MS = 700;
const REST_PATIENCE_MS = 300;
// `openpam-hub user add` says with this that the name exists.
const EXISTS = 3;

export class Demo {
  #here;
  #stopping;
  #record;
  #keeper = null;
  #hub = null;
  #sshd = null;
  /** Both or none. */
  #xrdp = null;
  #guacd = null;
  #satellite = null;
  #line = null;
  #logCheck = null;

  /** `here` are the places, `stopping` an AbortSignal for the way up. */
  constructor(here, stopping) {
    this.#here = here;
    this.#stopping = stopping;
    this.#record = new Record(here.record);
  }

  /** Brings everything up and writes the ready line. */
  async start() {
    const here = this.#here;
    const begun = Date.now();
    prepareFolder(here);
    this.#keeper = await takeLock(here.lock, `a demo already runs with the data in ${here.data}: end that one first (Ctrl-C)`);
    if (await endLeftovers(here)) say("ended what an earlier demo left running");
    await checkPorts(here.ports);

    const folder = await programs(here, this.#stopping);
    const account = await prepareAccount(here, this.#stopping);
    if (!here.root) say(`without root the target is your own account ${here.account}, reached by a key made for this demo`);
    this.#sshd = this.#child("sshd", await prepareSshd(here, this.#stopping));
    const desktopAccount = await this.#startDesktop();
    const hubPort = await freePort();
    this.#line = await Line.lay(here.ports.tunnel, hubPort);
    this.#hub = this.#child("hub", this.#hubCommand(folder, hubPort));
    this.#logCheck = setInterval(() => this.#children().forEach((child) => child.rotate()), LOG_CHECK_MS).unref();

    const rest = new Rest(here.url);
    const secret = kept(here.adminPassword, () => password(20));
    await this.#hubReady(rest);
    await this.#signIn(rest, folder, secret);
    const [zoneRow, targetRow] = await this.#fillBooks(rest, folder, account, desktopAccount);
    await this.#until(this.#sshd, async () => ((await sshAnswers(here.ports.ssh)) ? null : "sshd does not answer"));
    await this.#until(this.#satellite, () => missing(rest, here, zoneRow, targetRow));

    say(`up after ${((Date.now() - begun) / 1000).toFixed(1)} s; data and logs are in ${here.data}; Ctrl-C stops everything`);
    sayReady(here.url, here.admin, secret);
  }

  /** Starts xrdp and guacd, and waits until both listen; the account of the desktop, or null where there can be none. */
  async #startDesktop() {
    const here = this.#here;
    try {
      const why = await noDesktop(here);
      if (why) throw new Failure(why);
      const account = await prepareDesktopAccount(here, this.#stopping);
      this.#xrdp = this.#child("xrdp", await prepareXrdp(here, await freePort(), this.#stopping));
      this.#guacd = this.#child("guacd", await prepareGuacd(here, this.#stopping));
      const listening = (child, port) => this.#until(child, async () => ((await answers(port)) ? null : `${child.role} does not listen`));
      await listening(this.#xrdp, here.ports.rdp);
      await listening(this.#guacd, here.ports.guacd);
      return account;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      await this.#stopDesktop(0);
      say(`goes on without a desktop: ${error.message}`);
      return null;
    }
  }

  async #stopDesktop(patience_ms) {
    const both = [this.#xrdp, this.#guacd].filter(Boolean);
    this.#xrdp = this.#guacd = null;
    const forced = await Promise.all(both.map((child) => child.stop(patience_ms)));
    return both.filter((_, index) => forced[index]).map((child) => child.role);
  }

  #children() {
    return [this.#satellite, this.#hub, this.#sshd, this.#xrdp, this.#guacd].filter(Boolean);
  }

  #child(role, { command, args, env = {} }) {
    const here = this.#here;
    const child = new Child({
      role,
      command,
      args,
      cwd: here.data,
      env: { ...marker(here), ...env },
      log: join(here.logs, `${role}.log`),
      record: this.#record,
    });
    child.start();
    return child;
  }

  #hubCommand(folder, tunnelPort) {
    const here = this.#here;
    const { http, tunnel, metrics } = here.ports;
    // Loopback throughout: a demo is nobody else's business.
    const settings = {
      listen: `127.0.0.1:${http}`,
      // Behind the line, which has the documented port.
      tunnel_listen: `127.0.0.1:${tunnelPort}`,
      metrics_listen: `127.0.0.1:${metrics}`,
      data_dir: here.hub,
      secrets_dir: here.secrets,
    };
    const lines = Object.entries(settings).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
    writeFileSync(here.hubConfig, `# Written by make demo at each start.\n${lines.join("")}tunnel_addresses = ["localhost:${tunnel}"]\n`);
    return { command: join(folder, "openpam-hub"), args: ["serve", "--config", here.hubConfig] };
  }

  /** What the keys do, in words. */
  get keys() {
    return `c cuts the line to ${this.#here.zone}, r restores it, k kills the hub`;
  }

  cutLine() {
    const { zone: site } = this.#here;
    say(this.#line.cut() ? `the line to ${site} is cut: nothing passes, and nobody is told (r restores it)` : `the line to ${site} is cut already`);
  }

  restoreLine() {
    const { zone: site } = this.#here;
    say(this.#line.restore() ? `the line to ${site} is restored` : `the line to ${site} is not cut`);
  }

  killHub() {
    say("kills the hub alone");
    this.#hub.kill();
  }

  #hubReady(rest) {
    return this.#until(this.#hub, async () => {
      const why = await rest.notReady();
      return why && `the hub is not ready: ${why}`;
    });
  }

  /** Waits until `lack` resolves to null; fails with what it says when its child does not start or it takes too long. */
  async #until(child, lack) {
    const limit = Date.now() + START_LIMIT_MS;
    for (;;) {
      this.#stopping.throwIfAborted();
      let text;
      try {
        text = await Promise.race([lack(), child.broken]);
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        text = `the hub does not answer (${error.message})`;
      }
      if (text === null) return;
      if (Date.now() > limit) throw new Failure(`${text}, after ${START_LIMIT_MS / 1000} s: see ${child.log}`, child.log);
      await pause(POLL_MS);
    }
  }

  async #signIn(rest, folder, secret) {
    const here = this.#here;
    const args = ["user", "add", here.admin, "--role", "admin", "--config", here.hubConfig];
    const options = { input: `${secret}\n`, cwd: here.data, stopping: this.#stopping };
    const added = await run(join(folder, "openpam-hub"), args, options);
    if (added.code !== 0 && added.code !== EXISTS) {
      throw new Failure(`the hub did not add its first user: ${added.err.trim().split("\n").at(-1)}`);
    }
    if (!(await rest.signIn(here.admin, secret))) {
      throw new Failure(
        `the hub refuses the password in ${here.adminPassword}: put in the one you gave ${here.admin}, or begin afresh with 'make demo-clean'`,
      );
    }
  }

  /** A hub that dies meanwhile comes back, and the books are filled where it stopped. */
  async #fillBooks(rest, folder, account, desktopAccount) {
    const here = this.#here;
    const program = join(folder, "openpam-satellite");
    for (let left = 3; ; left -= 1) {
      try {
        const zoneRow = await zone(rest, here);
        if (this.#satellite === null) {
          await joinSatellite(rest, here, zoneRow, program, this.#stopping);
          mkdirSync(here.satellite, { recursive: true, mode: 0o700 });
          const env = desktopAccount ? { OPENPAM_GUACD: `127.0.0.1:${here.ports.guacd}`, OPENPAM_GUACD_DRIVE: here.drives } : {};
          this.#satellite = this.#child("satellite", { command: program, args: ["run", "--state", here.satellite], env });
        }
        const targetRow = await target(rest, zoneRow, machine(here), account);
        if (desktopAccount) await target(rest, zoneRow, desktop(here), desktopAccount);
        return [zoneRow, targetRow];
      } catch (error) {
        if (!(error instanceof NoAnswer) || left === 0) throw error;
        await this.#hubReady(rest);
      }
    }
  }

  /** Ends everything that start() started, and what that started. `hurry` skips all patience. */
  async stop(hurry = false) {
    const here = this.#here;
    const keeper = this.#keeper;
    if (keeper === null) return;
    clearInterval(this.#logCheck);
    const patience = (ms) => (hurry ? 0 : ms);
    const started = () => descendants([process.pid]).filter((each) => each.pid !== keeper.pid);
    const below = started();
    const forced = [];
    const stop = async (child, ms) => {
      if (child && (await child.stop(patience(ms)))) forced.push(child.role);
    };
    // The satellite first: it ends its sessions and can still tell the hub.
    await stop(this.#satellite, SATELLITE_PATIENCE_MS);
    this.#line?.close();
    const [, , desktops] = await Promise.all([
      stop(this.#hub, HUB_PATIENCE_MS),
      stop(this.#sshd, SSHD_PATIENCE_MS),
      this.#stopDesktop(patience(DESKTOP_PATIENCE_MS)),
    ]);
    forced.push(...desktops);
    if (await endServers(here, patience(SERVERS_PATIENCE_MS))) forced.push("PostgreSQL or nats-server");
    const rest = [...below, ...started(), ...(await strays(here))].filter(alive);
    await end(rest, patience(REST_PATIENCE_MS), "SIGTERM", "SIGHUP");
    this.#record.forget();
    keeper.stdin.destroy();
    this.#keeper = null;
    if (forced.length > 0) say(`had to be ended by force: ${forced.join(", ")}; see ${here.logs}`);
  }
}

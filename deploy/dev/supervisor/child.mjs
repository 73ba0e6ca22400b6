// A program that has to run: started in a process group of its own, logged to a file, started again within 2 s
// when it ends by itself. It knows nothing of what the program does.

import { spawn } from "node:child_process";
import { closeSync, copyFileSync, openSync, statSync, truncateSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { environment, signalGroup } from "./run.mjs";
import { Failure, say } from "./say.mjs";

const LOG_LIMIT_BYTES = 16 * 1024 * 1024;
// Whoever lives this long has started.
const SETTLED_MS = 5000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 1500;
// So many early ends in a row and the start counts as failed.
const TRIES = 4;

export class Child {
  #options;
  #process = null;
  #stopping = false;
  #earlyEnds = 0;
  #timer = null;
  #broken;
  #failed;

  /** `role` is its name in messages; `command`, `args`, `cwd`, `env`, `log` (a file), `record` (a Record). */
  constructor(options) {
    this.#options = options;
    this.#broken = new Promise((_, reject) => (this.#failed = reject));
    this.#broken.catch(() => {});
  }

  get role() {
    return this.#options.role;
  }

  get log() {
    return this.#options.log;
  }

  /** Rejects once the program has ended early too often in a row. */
  get broken() {
    return this.#broken;
  }

  start() {
    const { role, command, args, cwd, env, log, record } = this.#options;
    this.#rotate();
    // It writes to the file itself: its output does not depend on the supervisor's life.
    const descriptor = openSync(log, "a", 0o600);
    const started = Date.now();
    const child = spawn(command, args, {
      cwd,
      // Its output is read in a file.
      env: environment({ ...env, NO_COLOR: "1" }),
      detached: true,
      stdio: ["ignore", descriptor, descriptor],
    });
    closeSync(descriptor);
    this.#process = child;
    if (child.pid !== undefined) record.note(role, child.pid);
    child.once("error", (error) => this.#gone(`cannot start (${error.code})`, started));
    child.once("exit", (code, name) => this.#gone(name ? `ended by ${name}` : `ended with status ${code}`, started));
  }

  #gone(how, started) {
    if (this.#process === null) return;
    this.#process = null;
    if (this.#stopping) return;
    this.#earlyEnds = Date.now() - started < SETTLED_MS ? this.#earlyEnds + 1 : 0;
    if (this.#earlyEnds < TRIES || this.#earlyEnds % 20 === 0) {
      say(`${this.role} ${how}; starting it again`);
    }
    if (this.#earlyEnds >= TRIES) {
      this.#failed(new Failure(`${this.role} does not start: see ${this.log}`, this.log));
    }
    const wait = Math.min(FIRST_PAUSE_MS * 2 ** this.#earlyEnds, LONGEST_PAUSE_MS);
    this.#timer = setTimeout(() => this.start(), wait);
  }

  /** Keeps the log bounded: one older file beside it. Called at each start and from time to time. */
  #rotate() {
    const { log } = this.#options;
    try {
      if (statSync(log).size < LOG_LIMIT_BYTES) return;
      copyFileSync(log, `${log}.1`);
      truncateSync(log);
    } catch {
      // No log yet.
    }
  }

  rotate() {
    this.#rotate();
  }

  /** Ends the program itself at once, and nothing that it started; it is started again. */
  kill() {
    this.#process?.kill("SIGKILL");
  }

  /** Asks it to end, and after `patience_ms` ends its whole group. True when it needed force. */
  async stop(patience_ms) {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#process;
    if (child === null || child.pid === undefined) return false;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const polite = await Promise.race([gone.then(() => true), pause(patience_ms, false)]);
    // What the leader left in its group goes too.
    signalGroup(child.pid, "SIGKILL");
    if (!polite) await Promise.race([gone, pause(1000)]);
    return !polite;
  }
}

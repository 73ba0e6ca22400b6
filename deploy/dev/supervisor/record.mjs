// Who runs: process ids and start times of what this demo started, on disk, so that the next start (or
// demo-clean) ends what a killed supervisor left behind, and nothing else.

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

import { alive, look } from "./processes.mjs";

export class Record {
  #file;
  #processes = new Map();

  constructor(file) {
    this.#file = file;
  }

  /** Notes a process under the name of its role; the last one of a role counts. */
  note(role, pid) {
    const seen = look(pid);
    if (!seen) return;
    this.#processes.set(role, { pid: seen.pid, started: seen.started });
    const text = JSON.stringify(Object.fromEntries(this.#processes));
    writeFileSync(`${this.#file}.new`, text, { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }

  forget() {
    rmSync(this.#file, { force: true });
  }

  /** What an earlier supervisor started and is still there. */
  static leftovers(file) {
    try {
      return Object.values(JSON.parse(readFileSync(file, "utf8"))).filter(alive);
    } catch {
      return [];
    }
  }
}

// What the kernel says of processes (/proc), and ending some of them by their ids. A process is known by its id
// and its start time together, so that a number used again is never mistaken for it.
// It refuses to look for processes by name.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** State, parent, group and start time of a process; null when there is none (a zombie counts as none). */
export function look(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in brackets may hold anything, so count from its last bracket.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return null;
    return { pid: Number(pid), parent: Number(fields[1]), group: Number(fields[2]), started: fields[19] };
  } catch {
    return null;
  }
}

/** Every process there is. */
export function all() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(look)
    .filter(Boolean);
}

export const alive = (process) => look(process.pid)?.started === process.started;

/** The processes below `pids`, with their parents' links as they are now. */
export function descendants(pids) {
  const everyone = all();
  const found = new Map();
  let edge = new Set(pids);
  while (edge.size > 0) {
    const next = everyone.filter((process) => edge.has(process.parent) && !found.has(process.pid));
    for (const process of next) found.set(process.pid, process);
    edge = new Set(next.map((process) => process.pid));
  }
  return [...found.values()];
}

/** Processes that run as user `uid`. */
export function ofUser(uid) {
  return all().filter((process) => {
    try {
      return statSync(`/proc/${process.pid}`).uid === uid;
    } catch {
      return false;
    }
  });
}

/** Processes started with `NAME=value` in their environment, where that can be read. */
export function marked(text) {
  return all().filter((process) => {
    try {
      return readFileSync(`/proc/${process.pid}/environ`, "latin1").split("\0").includes(text);
    } catch {
      return false;
    }
  });
}

/** Sends a signal to what is still the same process. */
export function signal(target, name) {
  if (!alive(target)) return;
  try {
    process.kill(target.pid, name);
  } catch {
    // It ended in between.
  }
}

/** Waits until all have ended, at most until `deadline` (milliseconds since 1970); returns who has not. */
export async function ended(processes, deadline) {
  let rest = processes.filter(alive);
  while (rest.length > 0 && Date.now() < deadline) {
    await pause(30);
    rest = rest.filter(alive);
  }
  return rest;
}

/**
 * Ends processes: first with the signals given (an interactive shell minds SIGHUP alone), for good after
 * `patience_ms`. Returns how many needed force.
 */
export async function end(processes, patience_ms, ...politely) {
  for (const name of politely) for (const target of processes) signal(target, name);
  const rest = await ended(processes, Date.now() + patience_ms);
  for (const target of rest) signal(target, "SIGKILL");
  await ended(rest, Date.now() + 1000);
  return rest.length;
}

// One command from start to end, in a process group of its own, so that a Ctrl-C in the terminal reaches the
// supervisor alone and the supervisor decides. Secrets go in by standard input, never as arguments.

import { spawn } from "node:child_process";
import { once } from "node:events";

import { Failure } from "./say.mjs";

const LOG = ["OPENPAM_LOG", "OPENPAM_LOG_FORMAT"];

/** The environment for what the demo starts: ours, without settings of a demo or a hub, but with those of the log. */
export function environment(extra = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("OPENPAM_") || LOG.includes(name));
  return { ...Object.fromEntries(kept), ...extra };
}

/** Signals a whole group; true when there was one. */
export function signalGroup(leader, name) {
  try {
    process.kill(-leader, name);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a command and returns {code, out, err}. Options: `input` for its standard input, `show` to pass its
 * output on to our standard error, `cwd`, `env`, and `stopping`, an AbortSignal that ends it early.
 */
export async function run(command, args, { input = "", show = false, cwd, env = environment(), stopping } = {}) {
  stopping?.throwIfAborted();
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ["pipe", show ? 2 : "pipe", show ? 2 : "pipe"] });
  const stop = () => {
    signalGroup(child.pid, "SIGTERM");
    setTimeout(() => signalGroup(child.pid, "SIGKILL"), 2000).unref();
  };
  stopping?.addEventListener("abort", stop, { once: true });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const parts = { out: [], err: [] };
  child.stdout?.on("data", (bytes) => parts.out.push(bytes));
  child.stderr?.on("data", (bytes) => parts.err.push(bytes));
  try {
    const [code] = await once(child, "close");
    stopping?.throwIfAborted();
    return { code, out: Buffer.concat(parts.out).toString(), err: Buffer.concat(parts.err).toString() };
  } catch (error) {
    if (error.code === "ENOENT") throw new Failure(`the program ${command} is missing`);
    throw error;
  } finally {
    stopping?.removeEventListener("abort", stop);
  }
}

/** The same, where anything but success is a failure; `what` says in words what could not be done. */
export async function must(what, command, args, options = {}) {
  const result = await run(command, args, options);
  if (result.code !== 0) {
    const last = result.err.trim().split("\n").at(-1);
    throw new Failure(`could not ${what}${last ? `: ${last}` : ""}`);
  }
  return result;
}

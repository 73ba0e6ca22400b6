// One demo per data folder. The lock is the kernel's (flock), so it goes with whoever held it, however that ended.

import { spawn } from "node:child_process";
import { once } from "node:events";

import { Failure } from "./say.mjs";

const TAKEN = 75;

/** Takes the lock for as long as this process lives; returns the process that holds it for us. */
export async function takeLock(file, refusal) {
  // `cat` echoes once the lock is ours, and ends when our end of its input closes.
  const keeper = spawn("flock", ["--nonblock", "--conflict-exit-code", String(TAKEN), file, "cat"], {
    stdio: ["pipe", "pipe", "ignore"],
    detached: true,
  });
  keeper.stdin.on("error", () => {});
  keeper.stdin.write("held\n");
  const code = await Promise.race([
    once(keeper.stdout, "data").then(() => null),
    once(keeper, "exit").then(([status]) => status),
    once(keeper, "error").then(() => -1),
  ]);
  if (code === TAKEN) throw new Failure(refusal);
  if (code !== null) throw new Failure(`cannot lock ${file}: the program flock (package util-linux) did not start`);
  keeper.unref();
  keeper.stdin.unref();
  keeper.stdout.unref();
  return keeper;
}

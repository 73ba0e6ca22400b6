// Makes the two programs from this checkout, web pages first because they are embedded. Cargo and npm decide
// what is out of date; nothing is built when nothing changed.

import { existsSync } from "node:fs";
import { join } from "node:path";

import { must, run, environment } from "./run.mjs";
import { Failure, say } from "./say.mjs";

const PROGRAMS = ["openpam-hub", "openpam-satellite"];

/** The folder that holds both programs. */
export async function programs(here, stopping) {
  if (here.programs) {
    const missing = PROGRAMS.find((name) => !existsSync(join(here.programs, name)));
    if (missing) throw new Failure(`OPENPAM_DEMO_PROGRAMS=${here.programs} has no ${missing}`);
    return here.programs;
  }
  const options = { cwd: here.checkout, env: environment(), show: true, stopping };
  const web = await run(join(here.checkout, "deploy/dev/build-web"), [], options);
  if (web.code !== 0) throw new Failure("the web pages could not be built (see above)");

  say("builds the programs (cargo build; the first time takes minutes)");
  const begun = Date.now();
  // The whole workspace, and --examples (there are none): features are then chosen as for tests, so that demo and
  // tests share every dependency.
  const cargo = await run("cargo", ["build", "--workspace", "--bins", "--examples", "--locked"], options);
  if (cargo.code !== 0) throw new Failure("the programs could not be built (see cargo's messages above)");
  say(`programs are built (${((Date.now() - begun) / 1000).toFixed(1)} s)`);

  const metadata = await must("ask cargo for its target folder", "cargo", ["metadata", "--no-deps", "--format-version=1"], {
    cwd: here.checkout,
    stopping,
  });
  return join(JSON.parse(metadata.out).target_directory, "debug");
}

// `make demo-clean`: forgets the demo's data folder and its accounts. It refuses while the demo runs, and refuses
// a folder that is not a demo's.

import { existsSync, rmSync } from "node:fs";

import { removeAccounts } from "./account.mjs";
import { accountsOf, endLeftovers, isOurs } from "./folder.mjs";
import { takeLock } from "./lock.mjs";
import { places } from "./places.mjs";
import { Failure, say, sayFailure } from "./say.mjs";

try {
  const here = places();
  if (!existsSync(here.data)) {
    await removeAccounts(here);
    say(`nothing to forget: ${here.data} is not there`);
  } else {
    if (!isOurs(here)) throw new Failure(`${here.data} is not a demo's folder: left alone`);
    await takeLock(here.lock, `the demo with the data in ${here.data} is running: end it first (Ctrl-C)`);
    const own = { ...here, ...accountsOf(here) };
    await endLeftovers(own);
    await removeAccounts(own);
    rmSync(here.data, { recursive: true, force: true });
    say(`forgot ${here.data}${here.root ? ` and the demo's accounts` : ""}`);
  }
} catch (error) {
  sayFailure(error);
  process.exitCode = 1;
}

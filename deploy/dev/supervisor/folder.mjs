// The demo's data folder: made, recognised, cleared of what a killed supervisor left running.
// It refuses a folder that holds something else, so that demo-clean never removes what the demo did not make.

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { accountIds } from "./account.mjs";
import { endServers } from "./servers.mjs";
import { descendants, end, marked, ofUser } from "./processes.mjs";
import { Record } from "./record.mjs";
import { Failure } from "./say.mjs";

const mark = (here) => join(here.data, "openpam-demo");

/** The environment entry of everything the demo starts. */
export const marker = (here) => ({ IN_OPENPAM_DEMO: here.data });

/** Whether the folder is a demo's. */
export const isOurs = (here) => existsSync(mark(here));

export function prepareFolder(here) {
  try {
    mkdirSync(here.data, { recursive: true });
    if (!isOurs(here) && readdirSync(here.data).length > 0) {
      throw new Failure(`${here.data} holds something else: empty it, or set OPENPAM_DEMO_DIR to another folder`);
    }
    // The accounts, for a demo-clean that is told the folder alone.
    writeFileSync(mark(here), `${here.account}\n${here.desktopAccount}\n`);
    // Passable, so that the database's own user reaches its part; what is secret has its own mode.
    chmodSync(here.data, 0o755);
    mkdirSync(here.logs, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${here.data} cannot be used (${error.code}): set OPENPAM_DEMO_DIR to a folder of yours`);
  }
}

/** The accounts that this folder's demo makes, as `places` names them. */
export function accountsOf(here) {
  const [account, desktopAccount] = readFileSync(mark(here), "utf8").trim().split("\n");
  return { account: account || here.account, desktopAccount: desktopAccount || here.desktopAccount };
}

/** What runs because of this demo and has no parent of ours any more: shells, workers, daemons put in background. */
export async function strays(here) {
  const uids = await accountIds(here);
  const text = Object.entries(marker(here)).map(([name, value]) => `${name}=${value}`)[0];
  const byId = new Map([...marked(text), ...uids.flatMap(ofUser)].map((each) => [each.pid, each]));
  byId.delete(process.pid);
  return [...byId.values()];
}

/** Ends what an earlier supervisor could not. Only for whoever holds the lock. Returns whether there was any. */
export async function endLeftovers(here) {
  const leaders = Record.leftovers(here.record);
  const below = descendants(leaders.map((leader) => leader.pid));
  await end(leaders, 4000, "SIGTERM");
  await endServers(here, 1500);
  const rest = await strays(here);
  await end([...below, ...rest], 300, "SIGTERM", "SIGHUP");
  new Record(here.record).forget();
  return leaders.length > 0;
}

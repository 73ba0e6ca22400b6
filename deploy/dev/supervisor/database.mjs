// The hub manages its database as its own child; this ends one that outlived its hub. It knows it by the
// postmaster.pid in the hub's data folder, and only if that process really works in that folder.

import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";

import { descendants, end, look } from "./processes.mjs";

const DEPTH = 3;

function* postmasterFiles(folder, depth = DEPTH) {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    if (entry.isFile() && entry.name === "postmaster.pid") yield join(folder, entry.name);
    else if (entry.isDirectory() && depth > 1) yield* postmasterFiles(join(folder, entry.name), depth - 1);
  }
}

/** The server processes of databases below the hub's data folder. */
export function databases(here) {
  const found = [];
  for (const file of postmasterFiles(here.hub)) {
    try {
      const pid = Number(readFileSync(file, "latin1").split("\n")[0]);
      const process = look(pid);
      if (process && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(join(file, ".."))) found.push(process);
    } catch {
      // Being removed, or another user's.
    }
  }
  return found;
}

/** Ends them with a fast shutdown. True when that needed force. */
export async function endDatabases(here, patience_ms) {
  const servers = databases(here);
  if (servers.length === 0) return false;
  const workers = descendants(servers.map((server) => server.pid));
  const forced = await end(servers, patience_ms, "SIGINT");
  await end(workers, 500, "SIGTERM");
  return forced > 0;
}

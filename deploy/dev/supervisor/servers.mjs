// The hub manages PostgreSQL and nats-server as its own children; this ends those that outlived their hub. It knows them
// by their pid files in the hub's data folder, and only if that process really works in that folder.

import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";

import { descendants, end, look } from "./processes.mjs";

const DEPTH = 3;
const PID_FILES = ["postmaster.pid", "nats.pid"];

function* pidFiles(folder, depth = DEPTH) {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    if (entry.isFile() && PID_FILES.includes(entry.name)) yield join(folder, entry.name);
    else if (entry.isDirectory() && depth > 1) yield* pidFiles(join(folder, entry.name), depth - 1);
  }
}

/** The processes of managed servers below the hub's data folder. */
export function managedServers(here) {
  const found = [];
  for (const file of pidFiles(here.hub)) {
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

/** Ends them with their fast shutdown. True when that needed force. */
export async function endServers(here, patience_ms) {
  const servers = managedServers(here);
  if (servers.length === 0) return false;
  const workers = descendants(servers.map((server) => server.pid));
  const forced = await end(servers, patience_ms, "SIGINT");
  await end(workers, 500, "SIGTERM");
  return forced > 0;
}

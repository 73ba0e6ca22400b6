// What the demo wants to stand in the hub's books, made through its API like anybody else would: a zone, its
// satellite, a target with a credential, a grant. Each is looked for first, so that it can run at every start.

import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { must } from "./run.mjs";
import { Failure, say } from "./say.mjs";

/** The row that `fits`, or a new one. One that somebody disabled in the page is enabled again. */
async function found(rest, path, fits, wanted) {
  const row = (await rest.list(path)).find(fits);
  if (!row) return rest.post(path, wanted);
  if (row.enabled === false) await rest.patch(`${path}/${row.id}`, { enabled: true });
  return row;
}

export const zone = (rest, here) =>
  found(rest, "/admin/zones", (row) => row.name === here.zone, {
    name: here.zone,
    type: "satellite",
    description: "Made by make demo: a site that is reached by its satellite alone",
  });

const standing = (row) => row.state === "online" || row.state === "offline";

/** Joins the satellite unless it did and the hub still knows it. `program` is openpam-satellite. */
export async function joinSatellite(rest, here, zoneRow, program, stopping) {
  const mark = join(here.data, "joined");
  const known = (await rest.list("/admin/satellites")).filter((row) => row.zone_id === zoneRow.id).some(standing);
  if (known && existsSync(mark)) return;
  if (existsSync(here.satellite)) {
    // Revoked, or a join that got stuck: begin afresh, and keep the old state, it may hold recordings.
    renameSync(here.satellite, `${here.satellite}-${Date.now()}`);
    rmSync(mark, { force: true });
  }
  const token = await rest.post("/admin/tokens", { zone_id: zoneRow.id });
  say(`the satellite joins zone ${here.zone} with a token`);
  await must("join the satellite", program, ["join", "-", "--state", here.satellite], {
    input: `${token.token}\n`,
    cwd: here.data,
    stopping,
  });
  writeFileSync(mark, `${new Date().toISOString()}\n`);
}

/** The demo's machines, as `target` wants them. */
export const machine = (here) => ({
  name: here.target,
  protocol: "ssh",
  port: here.ports.ssh,
  description: "Made by make demo: an OpenSSH server on this machine",
});
export const desktop = (here) => ({
  name: here.desktop,
  protocol: "rdp",
  port: here.ports.rdp,
  description: "Made by make demo: a desktop on this machine, served by xrdp",
});

/** Target, credential and grant. `account` is what prepareAccount returned. Returns the target. */
export async function target(rest, zoneRow, { name: wish, protocol, port, description }, account) {
  const targets = await rest.list("/admin/targets");
  const same = (row) => row.zone_id === zoneRow.id && row.hostname === "127.0.0.1" && row.port === port;
  const name = targets.some((row) => row.name === wish) ? `${wish}-${port}` : wish;
  const row = await found(rest, "/admin/targets", same, {
    zone_id: zoneRow.id,
    name,
    hostname: "127.0.0.1",
    protocol,
    port,
    description,
  });
  await found(
    rest,
    "/admin/credentials",
    (credential) => credential.target_id === row.id && credential.username === account.username,
    { target_id: row.id, username: account.username, ...account.secret },
  );
  const me = await rest.get("/auth/me");
  await found(rest, "/admin/grants", (grant) => grant.user_id === me.id && grant.target_id === row.id, {
    user_id: me.id,
    target_id: row.id,
    // A desktop can be tried with everything that it does.
    ...(protocol === "ssh" ? {} : { file_download: true, file_upload: true }),
  });
  return row;
}

/** What still keeps a click on the target from working; null when nothing does. */
export async function missing(rest, here, zoneRow, targetRow) {
  const satellites = (await rest.list("/admin/satellites")).filter((row) => row.zone_id === zoneRow.id);
  if (!satellites.some((row) => row.state === "online")) return `the satellite of zone ${here.zone} is not online`;
  const mine = (await rest.list("/targets")).find((row) => row.id === targetRow.id);
  if (!mine) throw new Failure(`${targetRow.name} is not among the targets granted to ${here.admin}: see the page Grants`);
  if (!mine.reachable) return `${targetRow.name} cannot be reached`;
  return null;
}

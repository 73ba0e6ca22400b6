// The accounts that people reach in the demo, and their secrets. As root: accounts of their own with random
// passwords, good for nothing else: the login shell of one works behind the demo's sshd alone, the other, which has
// the desktop, has none. Otherwise: the user's own account and a key.
// It refuses to touch an account that it did not make.

import { randomInt } from "node:crypto";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { end, ofUser } from "./processes.mjs";
import { must, run } from "./run.mjs";
import { Failure } from "./say.mjs";

const COMMENT = "OpenPAM demo";
const ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/** Letters and digits that are not mistaken for each other. */
export const password = (length) => Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");

/** What the file holds; made by `make` and kept, readable by its owner alone, when there is none. */
export function kept(file, make) {
  if (!existsSync(file)) writeFileSync(file, `${make()}\n`, { mode: 0o600, flag: "wx" });
  return readFileSync(file, "utf8").trimEnd();
}

async function entry(name) {
  const { code, out } = await run("getent", ["passwd", name]);
  if (code !== 0) return null;
  const [, , uid, , comment, home, shell] = out.trim().split(":");
  return { uid: Number(uid), ours: comment === COMMENT, home, shell };
}

/** The names of the accounts that this demo may have made. */
const made = (here) => (here.root ? [here.account, here.desktopAccount] : []);

/** The user ids of those accounts that exist and that the demo made. */
export async function accountIds(here) {
  const found = await Promise.all(made(here).map(entry));
  return found.filter((account) => account?.ours).map((account) => account.uid);
}

/** Works only where the demo's sshd is at the other end: the password is good for nothing else. */
function loginShell(here) {
  return `#!/bin/bash
# The login shell of ${here.account}, which exists for OpenPAM's demo alone.
case $SSH_CONNECTION in
    *" 127.0.0.1 ${here.ports.ssh}") ;;
    *) echo "this account is for OpenPAM's demo only" >&2; exit 1 ;;
esac
export SHELL=/bin/bash
if [ "$#" -eq 0 ]; then exec -l /bin/bash; fi
exec /bin/bash "$@"
`;
}

async function ownAccount(here, stopping) {
  const shell = join(here.data, "login-shell");
  writeFileSync(shell, loginShell(here));
  chmodSync(shell, 0o755);
  const own = { name: here.account, home: join(here.data, "home"), shell, file: here.targetSecret, variable: "OPENPAM_DEMO_SSH_PORT" };
  return makeAccount(own, stopping);
}

/** An account with the password in `file`; the port in `variable` is part of its name. */
async function makeAccount({ name, home, shell, file, variable }, stopping) {
  const found = await entry(name);
  if (found && !found.ours) {
    throw new Failure(`the account ${name} exists and is not the demo's: remove it (userdel ${name}), or set ${variable}, which changes the name`);
  }
  const same = ["--home-dir", home, "--shell", shell, "--comment", COMMENT];
  if (!found) {
    await must(`make the account ${name}`, "useradd", ["--no-create-home", "--user-group", ...same, name], { stopping });
  } else if (found.home !== home || found.shell !== shell) {
    await must(`change the account ${name}`, "usermod", ["--home", home, "--shell", shell, name], { stopping });
  }
  if (!existsSync(home)) {
    cpSync("/etc/skel", home, { recursive: true });
    await must("give the account its home", "chown", ["--recursive", `${name}:${name}`, home], { stopping });
    chmodSync(home, 0o700);
  }
  const secret = kept(file, () => password(24));
  await must(`set the password of ${name}`, "chpasswd", [], { input: `${name}:${secret}\n`, stopping });
  return { username: name, secret: { password: secret } };
}

async function ownKey(here, stopping) {
  if (!existsSync(here.targetSecret)) {
    const args = ["-q", "-t", "ed25519", "-N", "", "-C", COMMENT, "-f", here.targetSecret];
    await must("make a key", "ssh-keygen", args, { stopping });
  }
  return { username: here.account, secret: { private_key: readFileSync(here.targetSecret, "utf8") } };
}

/** Makes sure that the account is there; returns {username, secret}, the secret as the hub's API takes it. */
export async function prepareAccount(here, stopping) {
  mkdirSync(here.sshd, { recursive: true, mode: 0o700 });
  return here.root ? ownAccount(here, stopping) : ownKey(here, stopping);
}

/** The same for the account with the desktop, as root. */
export function prepareDesktopAccount(here, stopping) {
  const [name, home, file] = [here.desktopAccount, join(here.data, "desktop-home"), here.desktopSecret];
  // The desktop begins without a login shell.
  return makeAccount({ name, home, shell: "/usr/sbin/nologin", file, variable: "OPENPAM_DEMO_RDP_PORT" }, stopping);
}

/** Removes the accounts that the demo made, and ends what runs as them. */
export async function removeAccounts(here) {
  for (const name of made(here)) {
    const found = await entry(name);
    if (!found?.ours) continue;
    await end(ofUser(found.uid), 500, "SIGTERM", "SIGHUP");
    await must(`remove the account ${name}`, "userdel", [name]);
  }
}

// The machine behind the demo's satellite: a real OpenSSH server on loopback with host keys of its own, which
// lets in one account. The machine's own sshd, if any, is not touched.

import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

import { must } from "./run.mjs";

function config(here, hostKey) {
  const way = here.root
    ? ["PasswordAuthentication yes", "PubkeyAuthentication no", "AuthorizedKeysFile none"]
    : ["PasswordAuthentication no", "PubkeyAuthentication yes", `AuthorizedKeysFile "${here.sshd}/authorized_keys"`];
  return `# Written by make demo at each start.
Port ${here.ports.ssh}
ListenAddress 127.0.0.1
HostKey "${hostKey}"
PidFile none
AllowUsers ${here.account}
PermitRootLogin no
UsePAM no
# Without PAM nobody else tells shells that the terminal speaks UTF-8.
SetEnv LANG=C.UTF-8
KbdInteractiveAuthentication no
${way.join("\n")}
StrictModes no
UseDNS no
PrintMotd no
PrintLastLog no
AllowTcpForwarding no
AllowAgentForwarding no
X11Forwarding no
MaxStartups 200:30:400
MaxSessions 200
SetEnv LANG=C.UTF-8 IN_OPENPAM_DEMO="${here.data}"
Subsystem sftp internal-sftp
`;
}

/** Writes configuration and keys; returns the command that runs the server in the foreground. */
export async function prepareSshd(here, stopping) {
  const hostKey = join(here.sshd, "host_ed25519");
  if (!existsSync(hostKey)) {
    await must("make a host key", "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", here.target, "-f", hostKey], { stopping });
  }
  if (here.root) {
    // Where sshd locks its unprivileged half in; Debian's service makes it, and that does not run here.
    mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  } else {
    copyFileSync(`${here.targetSecret}.pub`, join(here.sshd, "authorized_keys"));
  }
  const file = join(here.sshd, "sshd_config");
  writeFileSync(file, config(here, hostKey), { mode: 0o600 });
  return { command: "/usr/sbin/sshd", args: ["-D", "-e", "-f", file] };
}

/** Whether an SSH server answers on loopback. */
export function sshAnswers(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: 1000 });
    const done = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("data", (bytes) => done(bytes.toString("latin1").startsWith("SSH-2.0")));
    socket.once("error", () => done(false));
    socket.once("close", () => done(false));
    socket.once("timeout", () => done(false));
  });
}

// The desktop behind the demo's satellite: xrdp on loopback, which lets in one account, and beside it guacd, which
// speaks RDP for the satellite. The machine's own xrdp, if any, is not touched: this one has its configuration, its
// sockets and its processes in namespaces of its own, so that all of it is gone with its first process.

import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

import { desktopPortTaken } from "./ports.mjs";
import { must, run } from "./run.mjs";

const GUACD = "/usr/sbin/guacd";
const XRDP = "/usr/sbin/xrdp";
const SCREEN = "/usr/lib/xorg/modules/drivers/xrdpdev_drv.so";
const SCREENS = "/tmp/.X11-unix";
const NAMESPACES = ["--mount", "--pid", "--mount-proc", "--fork", "--kill-child=KILL", "--"];

/** Why there can be no desktop here, in words; null when there can. */
export async function noDesktop(here) {
  if (process.env.OPENPAM_DEMO_DESKTOP === "off") return "OPENPAM_DEMO_DESKTOP is off";
  if (!here.root) return "it takes an account of its own, which only root can make";
  const missing = [GUACD, XRDP, SCREEN, "/usr/bin/openbox", "/usr/bin/xterm"].find((file) => !existsSync(file));
  if (missing) return `${missing} is missing (deploy/dev/setup demo says why)`;
  const { code } = await run("unshare", [...NAMESPACES, "true"]);
  if (code !== 0) return "this machine lets nobody have namespaces of mounts and processes";
  return desktopPortTaken(here.ports);
}

/** Whether somebody listens on loopback there. */
export function answers(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: 1000 });
    const done = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
    socket.once("timeout", () => done(false));
  });
}

const sesman = (here, port) => `; Written by make demo at each start.
[Globals]
ListenAddress=127.0.0.1
ListenPort=${port}
EnableUserWindowManager=false
DefaultWindowManager=${here.xrdp}/startwm.sh
ReconnectScript=/bin/true

[Security]
AllowRootLogin=false
MaxLoginRetry=4
AlwaysGroupCheck=false

[Sessions]
X11DisplayOffset=${here.ports.rdp}
MaxSessions=10
KillDisconnected=false
Policy=Default

[Logging]
LogFile=/dev/null
EnableSyslog=false
EnableConsole=true
ConsoleLevel=INFO

[Xorg]
param=/usr/lib/xorg/Xorg
param=-config
param=xrdp/xorg.conf
param=-noreset
param=-nolisten
param=tcp
param=-logfile
param=/dev/null

[Chansrv]
EnableFuseMount=true

[ChansrvLogging]
LogLevel=INFO
EnableSyslog=false
`;

const xrdp = (here) => `; Written by make demo at each start.
[Globals]
ini_version=1
fork=true
port=tcp://127.0.0.1:${here.ports.rdp}
tcp_nodelay=true
tcp_keepalive=true
security_layer=negotiate
crypt_level=high
certificate=${here.xrdp}/cert.pem
key_file=${here.xrdp}/key.pem
ssl_protocols=TLSv1.2, TLSv1.3
allow_channels=true
bitmap_cache=true
bitmap_compression=true
bulk_compression=true
max_bpp=32
new_cursors=true
use_fastpath=both

[Logging]
LogFile=/dev/null
EnableSyslog=false
EnableConsole=true
ConsoleLevel=INFO

[Channels]
rdpdr=true
rdpsnd=true
drdynvc=true
cliprdr=true

[Xorg]
name=Xorg
lib=libxup.so
username=ask
password=ask
ip=127.0.0.1
port=-1
code=20
`;

const windows = `#!/bin/sh
# Written by make demo at each start: what a desktop begins with.
export LANG=C.UTF-8 SHELL=/bin/bash
xsetroot -solid '#204060'
# Windows that come before their manager may stay hidden.
exec openbox --startup "sh -c 'xclock -update 1 -geometry 200x200-20+20 & exec xterm -geometry 90x28+40+40 -fa Monospace -fs 12 -ls'"
`;

// In its namespaces. sesman's port is read from one file for all xrdp of a machine, and their sockets are in one folder.
const inside = (here, port) => `set -e
mount --bind "${here.xrdp}/sesman.ini" /etc/xrdp/sesman.ini
mount -t tmpfs -o mode=755 tmpfs /run/xrdp
install -d -g xrdp -m 3777 /run/xrdp/sockdir
mount -t tmpfs -o mode=1777 tmpfs ${SCREENS}
rm -f /tmp/.X${here.ports.rdp}-lock
xrdp-sesman -n -c "${here.xrdp}/sesman.ini" &
until (exec 3<>/dev/tcp/::1/${port} || exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null; do sleep 0.02; done
xrdp -n -c "${here.xrdp}/xrdp.ini" &
wait -n
`;

// unshare minds no SIGTERM.
const outside = `setpriv --pdeathsig KILL -- unshare ${NAMESPACES.join(" ")} bash "$1" &
trap 'kill -KILL $!; exit' TERM HUP INT
wait $!
`;

/** Writes configuration and key; returns the command that runs the server in the foreground. `port` is for sesman. */
export async function prepareXrdp(here, port, stopping) {
  for (const folder of [here.xrdp, "/run/xrdp"]) mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (mkdirSync(SCREENS, { recursive: true })) chmodSync(SCREENS, 0o1777);
  const [key, certificate] = [join(here.xrdp, "key.pem"), join(here.xrdp, "cert.pem")];
  if (!existsSync(certificate)) {
    const kind = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", `/CN=${here.desktop}`];
    await must("make a certificate for the desktop", "openssl", ["req", ...kind, "-keyout", key, "-out", certificate], { stopping });
  }
  writeFileSync(join(here.xrdp, "sesman.ini"), sesman(here, port));
  writeFileSync(join(here.xrdp, "xrdp.ini"), xrdp(here));
  writeFileSync(join(here.xrdp, "startwm.sh"), windows, { mode: 0o755 });
  const file = join(here.xrdp, "start.sh");
  writeFileSync(file, inside(here, port));
  return { command: "bash", args: ["-c", outside, "xrdp", file] };
}

/** The same for guacd: as the user that its package made, with a home of its own for what FreeRDP keeps, and the satellite's folder
 * for drives, which its group gets into. */
export async function prepareGuacd(here, stopping) {
  mkdirSync(here.guacd, { recursive: true, mode: 0o700 });
  mkdirSync(here.drives, { recursive: true });
  const args = [GUACD, "-f", "-L", "info", "-b", "127.0.0.1", "-l", String(here.ports.guacd)];
  const user = await run("getent", ["passwd", "guacd"], { stopping });
  const [, , uid, gid] = user.code === 0 ? user.out.split(":") : ["", "", "0", "0"];
  chownSync(here.guacd, Number(uid), Number(gid));
  chownSync(here.drives, 0, Number(gid));
  chmodSync(here.drives, 0o2710);
  return { command: "setpriv", args: ["--reuid", uid, "--regid", gid, "--clear-groups", "--", ...args], env: { HOME: here.guacd } };
}

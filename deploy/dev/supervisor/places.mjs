// Where this demo lives: folders, ports, names. Read once, from the environment; nothing here touches the disk.
// The ports and the folder can be moved, so that demos and tests run side by side.

import { homedir, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { Failure } from "./say.mjs";

function port(name, fallback) {
  const text = process.env[name];
  if (text === undefined || text === "") return fallback;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 65535) {
    throw new Failure(`${name}=${text} is not a port number`);
  }
  return number;
}

function dataFolder(root) {
  if (process.env.OPENPAM_DEMO_DIR) return resolve(process.env.OPENPAM_DEMO_DIR);
  // The database's own user must be able to reach it: not below /root, nor in a closed checkout.
  if (root) return "/var/lib/openpam-demo";
  return join(process.env.XDG_STATE_HOME || join(homedir(), ".local/state"), "openpam-demo");
}

/** All settings of one demo. */
export function places() {
  const root = process.getuid() === 0;
  const data = dataFolder(root);
  const http = port("OPENPAM_DEMO_HTTP_PORT", 8080);
  const tunnel = port("OPENPAM_DEMO_TUNNEL_PORT", 7443);
  const ssh = port("OPENPAM_DEMO_SSH_PORT", 2222);
  const metrics = port("OPENPAM_DEMO_METRICS_PORT", 9464);
  const rdp = port("OPENPAM_DEMO_RDP_PORT", 3389);
  const guacd = port("OPENPAM_DEMO_GUACD_PORT", 4822);
  const checkout = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
  return {
    root,
    checkout,
    // A folder with both programs; empty: build them.
    programs: process.env.OPENPAM_DEMO_PROGRAMS ?? "",
    data,
    logs: join(data, "logs"),
    hub: join(data, "hub"),
    secrets: join(data, "hub-secrets"),
    hubConfig: join(data, "hub.toml"),
    satellite: join(data, "satellite"),
    sshd: join(data, "sshd"),
    xrdp: join(data, "xrdp"),
    guacd: join(data, "guacd"),
    drives: join(data, "drives"),
    lock: join(data, "lock"),
    record: join(data, "running.json"),
    adminPassword: join(data, "admin-password"),
    targetSecret: join(data, "target-secret"),
    desktopSecret: join(data, "desktop-secret"),
    ports: { http, tunnel, ssh, metrics, rdp, guacd },
    url: `http://localhost:${http}`,
    // Without root, sshd can only let in the user it runs as.
    account: root ? `openpam-demo${ssh === 2222 ? "" : `-${ssh}`}` : userInfo().username,
    desktopAccount: `openpam-desktop${rdp === 3389 ? "" : `-${rdp}`}`,
    zone: "plant-7",
    target: "press-4",
    desktop: "panel-4",
    admin: "admin",
  };
}

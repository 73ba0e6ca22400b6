// Whether the documented ports are free, and if not, who has them. It binds each for a moment and lets go.

import { createSocket } from "node:dgram";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";

import { Failure } from "./say.mjs";

/** Resolves to false when `port` is taken on `host`; an address family the machine lacks is not taken. */
function free(kind, host, port) {
  return new Promise((resolve) => {
    const done = (error) => resolve(error?.code !== "EADDRINUSE");
    if (kind === "udp") {
      const socket = createSocket({ type: host.includes(":") ? "udp6" : "udp4", ipv6Only: host.includes(":") });
      socket.once("error", done);
      socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => done(null)));
    } else {
      const server = createServer();
      server.once("error", done);
      server.listen({ port, host, exclusive: true, ipv6Only: true }, () => server.close(() => done(null)));
    }
  });
}

/** The inodes of sockets that hold `port`, of the tables in /proc/net. */
function inodes(kind, port) {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  const found = new Set();
  for (const table of [kind, `${kind}6`]) {
    let text;
    try {
      text = readFileSync(`/proc/net/${table}`, "latin1");
    } catch {
      continue;
    }
    for (const row of text.split("\n").slice(1)) {
      const fields = row.trim().split(/\s+/);
      const listens = kind === "udp" || fields[3] === "0A";
      if (listens && fields[1]?.endsWith(`:${wanted}`)) found.add(`socket:[${fields[9]}]`);
    }
  }
  return found;
}

/** "sshd (process 123)", or null where it cannot be seen. */
export function holder(kind, port) {
  const wanted = inodes(kind, port);
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
        if (wanted.has(readlinkSync(`/proc/${pid}/fd/${descriptor}`))) {
          return `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} (process ${pid})`;
        }
      }
    } catch {
      // Another user's, or gone.
    }
  }
  return null;
}

/** Fails with one line if any port is taken that no demo does without. */
export async function checkPorts(ports) {
  const why = await taken(ports, [
    ["tcp", ports.http, "the web page", "OPENPAM_DEMO_HTTP_PORT"],
    ["udp", ports.tunnel, "the tunnel", "OPENPAM_DEMO_TUNNEL_PORT"],
    ["tcp", ports.tunnel, "the tunnel's fallback", "OPENPAM_DEMO_TUNNEL_PORT"],
    ["tcp", ports.ssh, "the demo's SSH server", "OPENPAM_DEMO_SSH_PORT"],
    ["tcp", ports.metrics, "metrics", "OPENPAM_DEMO_METRICS_PORT"],
  ]);
  if (why) throw new Failure(why);
}

/** Which of a desktop's ports is taken, by whom, and the remedy; null when none is. */
export const desktopPortTaken = (ports) =>
  taken(ports, [
    ["tcp", ports.rdp, "the demo's desktop", "OPENPAM_DEMO_RDP_PORT"],
    ["tcp", ports.guacd, "guacd", "OPENPAM_DEMO_GUACD_PORT"],
  ]);

async function taken(ports, wanted) {
  for (const [kind, port, use, variable] of wanted) {
    // A browser may try [::1] first for `localhost`.
    for (const host of port === ports.http ? ["127.0.0.1", "::1"] : ["127.0.0.1"]) {
      if (await free(kind, host, port)) continue;
      const by = holder(kind, port);
      return `port ${port} (${kind}, for ${use}) is taken${by ? ` by ${by}` : ""}: stop that, or set ${variable} to another port`;
    }
  }
  return null;
}

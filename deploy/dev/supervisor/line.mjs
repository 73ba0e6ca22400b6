// The line between site and hub: it passes on what comes, UDP and TCP on one port, until it is cut. Then nothing
// passes either way, and neither end is told: no packet, no closed connection.

import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";

const HOST = "127.0.0.1";
// As routers forget who has been silent.
const FORGET_MS = 120_000;
const MOST_PEERS = 64;
const UDP_BUFFER_BYTES = 4 * 1024 * 1024;

export class Line {
  #hubPort;
  #cut = false;
  #udp = null;
  #tcp = null;
  #peers = new Map();
  #pairs = new Set();
  #sweep = null;

  /** Takes `port` on loopback; what comes there goes to `hubPort`. */
  static async lay(port, hubPort) {
    const line = new Line();
    line.#hubPort = hubPort;
    await Promise.all([line.#layUdp(port), line.#layTcp(port)]);
    line.#sweep = setInterval(() => line.#forget(), FORGET_MS / 4).unref();
    return line;
  }

  /** Whether it was not cut already. */
  cut() {
    if (this.#cut) return false;
    this.#cut = true;
    for (const pair of this.#pairs) pair.hold();
    return true;
  }

  /** Whether it was cut. */
  restore() {
    if (!this.#cut) return false;
    this.#cut = false;
    for (const pair of this.#pairs) pair.go();
    return true;
  }

  close() {
    clearInterval(this.#sweep);
    this.#udp?.close();
    this.#tcp?.close();
    for (const { socket } of this.#peers.values()) socket.close();
    for (const pair of this.#pairs) pair.end();
  }

  async #layUdp(port) {
    this.#udp = await udp(port);
    this.#udp.on("message", (packet, from) => {
      const peer = this.#cut ? null : this.#peer(from);
      peer?.socket.send(packet, this.#hubPort, HOST);
    });
  }

  /** What the hub sees of a sender: a socket of its own, by which answers find back. */
  #peer(from) {
    const name = `${from.address}:${from.port}`;
    let peer = this.#peers.get(name);
    if (peer === undefined) {
      if (this.#peers.size >= MOST_PEERS) return null;
      peer = { socket: createSocket("udp4"), heard: 0 };
      peer.socket.on("message", (packet) => {
        if (!this.#cut) this.#udp.send(packet, from.port, from.address);
      });
      // A hub that is away answers with "port unreachable": its business.
      peer.socket.on("error", () => {});
      this.#peers.set(name, peer);
    }
    peer.heard = Date.now();
    return peer;
  }

  #forget() {
    for (const [name, { socket, heard }] of this.#peers) {
      if (this.#cut || Date.now() - heard < FORGET_MS) continue;
      socket.close();
      this.#peers.delete(name);
    }
  }

  async #layTcp(port) {
    this.#tcp = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (near) => {
      const pair = new Pair(near, this.#hubPort, () => this.#pairs.delete(pair));
      this.#pairs.add(pair);
      if (!this.#cut) pair.go();
    });
    await new Promise((done, fail) => {
      this.#tcp.once("error", fail);
      this.#tcp.listen({ port, host: HOST, exclusive: true }, done);
    });
  }
}

/** A connection and its other half towards the hub. */
class Pair {
  #near;
  #far = null;
  #hubPort;
  #over;
  #held = true;
  /** One side is gone, and the other was not told yet. */
  #broken = false;

  constructor(near, hubPort, over) {
    this.#near = near;
    this.#hubPort = hubPort;
    this.#over = over;
    this.#watch(near);
  }

  #watch(socket) {
    // "close" follows.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#broken = true;
      if (!this.#held) this.end();
    });
  }

  go() {
    this.#held = false;
    if (this.#broken) return this.end();
    if (this.#far === null) {
      this.#far = connect({ port: this.#hubPort, host: HOST, allowHalfOpen: true, noDelay: true });
      this.#watch(this.#far);
    }
    this.#near.pipe(this.#far);
    this.#far.pipe(this.#near);
  }

  hold() {
    this.#held = true;
    for (const socket of [this.#near, this.#far]) {
      socket?.unpipe();
      socket?.pause();
    }
  }

  end() {
    this.#over();
    this.#near.destroy();
    this.#far?.destroy();
  }
}

function udp(port) {
  return new Promise((done, fail) => {
    const socket = createSocket("udp4");
    socket.once("error", fail);
    socket.bind({ port, address: HOST, exclusive: true }, () => {
      socket.off("error", fail);
      socket.on("error", () => {});
      try {
        socket.setRecvBufferSize(UDP_BUFFER_BYTES);
      } catch {
        // The system allows less: floods are slower, nothing else.
      }
      done(socket);
    });
  });
}

/** A port that nobody has, UDP and TCP alike. */
export async function freePort() {
  for (;;) {
    const server = createServer();
    await new Promise((done, fail) => {
      server.once("error", fail);
      server.listen(0, HOST, done);
    });
    const { port } = server.address();
    const taken = await udp(port).then((socket) => socket.close(), () => true);
    await new Promise((done) => server.close(done));
    if (taken !== true) return port;
  }
}

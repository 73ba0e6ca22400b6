// A long way between browser and hub: every byte takes the same time longer, in each direction.

import { connect, createServer } from "node:net";

function carry(from, to, ms) {
  from.on("data", (bytes) => setTimeout(() => to.writable && to.write(bytes), ms));
  from.on("close", () => setTimeout(() => to.destroy(), ms));
  from.on("error", () => undefined);
}

/** Answers {url, drop, stop}, of which `drop` breaks what is connected: the hub at `hub`, `ms` away in each direction. */
export async function longWay(hub, ms) {
  const { hostname, port } = new URL(hub);
  const sockets = new Set();
  const server = createServer({ noDelay: true }, (browser) => {
    sockets.add(browser);
    browser.on("close", () => sockets.delete(browser));
    const beyond = connect({ host: hostname, port: Number(port), noDelay: true });
    carry(browser, beyond, ms);
    carry(beyond, browser, ms);
  });
  const drop = () => sockets.forEach((socket) => socket.resetAndDestroy());
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${server.address().port}`, drop, stop: () => server.close() };
}

/** The bus: how it stands, and how other programs listen. */
export const bus = {
  about: "NATS: how the hub and its sites tell each other what happens, and other programs listen. Sessions do without it.",
  connected: "Connected",
  away: "Not connected",
  quiet: "Does not answer",
  awayTitle: "The hub is not connected to the bus",
  quietTitle: "The bus does not say how it is",
  stuckTitle: "Events wait for the stream",
  /** After what is wrong. */
  awayAbout: (why: string) => `${why} Sessions go on and no event is lost: they wait in the books. The hub tries again by itself; openpam-hub doctor says more.`,
  quietAbout: (why: string) => `${why} If that stays, look at the logs of its servers.`,
  stuckAbout: "The bus is there, and its stream takes nothing. Of a cluster’s servers more than half have to run, with JetStream.",

  connection: "Connection",
  since: "Connected since",
  where: "Where",
  server: "Server",
  managed: "run by the hub itself",
  configured: "as nats_url says",
  accounts: "Sites with an account",
  waiting: "Events waiting",
  nothingWaits: "none",
  waits: (count: number) => `${count}, the oldest since `,

  servers: "Servers",
  noServers: "No server answered",
  noServersAbout: "The hub asks again every few seconds.",
  version: "Version",
  connections: "Connections",
  leafNodes: "Leaf nodes",
  leafNodesAbout: "Sites that are connected by a nats-server of their own",
  memory: "Memory",

  stream: "Stream of events",
  streamAbout: "What everybody with credentials may hear, for a week and at most 1 GiB.",
  noStream: "It is not there yet. The hub makes it as soon as the bus lets it.",
  streamName: "Name",
  messages: "Events",
  size: "Size",
  replicas: "Copies",
  consumers: "Consumers",

  listen: "Listen",
  listenAbout:
    "Credentials let a program hear the events of sessions, schedules and users, and say nothing. Every event is in hub/EVENTS.md; openpam-hub bus schema prints the JSON Schema of each.",
  listenCommands: "On the hub’s machine",
  commands: (url: string) =>
    [
      "openpam-hub bus listener siem > siem.creds",
      `nats --server '${url}' --creds siem.creds --inbox-prefix _INBOX_siem sub 'openpam.session.*'`,
      "openpam-hub bus schema",
    ].join("\n"),
  anyUrl: "nats://127.0.0.1:4222",
  listenManaged: "Without nats_listen this server has another port after each start, and only programs on the hub’s machine reach it.",
};

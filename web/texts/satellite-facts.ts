/** What is known of a satellite, and what its site allows. */
import { listed } from "./listed";

export const satelliteFacts = {
  lineToHub: "Line to the hub",
  onlineSince: "Online since",
  never: "never",
  roundTrip: "Round trip",
  notMeasured: "not measured yet",
  packetsLost: "Packets lost",
  notCountedTcp: "not counted over TCP",
  notCounted: "not counted yet",
  bus: "Bus",
  onBus: "heard there",
  notOnBus: "not heard there;",
  notOnBusAbout: "the tunnel carries its events",
  clock: "Clock",

  machine: "Machine",
  sessionsNow: "Sessions now",
  version: "Version",
  disk: "Disk",
  desktops: "Desktops",
  guacd: (address: string, version: string | null, can: string) => `guacd at ${address}${version ? `, ${version} or newer` : ""}: ${can}`,
  guacdAway: (address: string, why: string) => `no guacd at ${address}: ${why}`,
  overTls: (address: string) => `${address} (TLS)`,
  noProtocol: "neither RDP nor VNC",
  noneNeeded: "Shells need none.",
  recordingsWaiting: "Recordings waiting",
  eventsWaiting: "Events waiting",
  nothingWaits: "none",
  onTheirWay: (amount: string) => `${amount} on their way to the hub`,
  waited: (amount: string) => `${amount} when it was last heard of`,
  awayUnknown: "Sessions and disk are known only while it is online; what waits there is as it said last.",

  identity: "Identity",
  joined: "Joined",
  certificateUntil: "Certificate until",
  id: "Satellite id",

  limits: "Limits",
  allows: "What the site allows",
  allowsAbout: "The site’s own configuration has the last word, whatever is granted. It allows only:",
  allowsUnknown: "Known only while it is online: the site’s own configuration says it.",
  noLimits: "The site sets no limits of its own; grants alone decide.",
  protocols: "Protocols",
  ports: "Ports",
  networks: "Networks",
  any: "any",
  /** "SSH on port 22 in network 10.20.0.0/16", of which each part may be missing. */
  allowsOnly: ({ protocols, ports, networks }: Record<"protocols" | "ports" | "networks", string[]>) => {
    const parts = [
      protocols.length > 0 && listed(protocols),
      ports.length > 0 && `${protocols.length > 0 ? "on " : ""}${ports.length === 1 ? "port" : "ports"} ${listed(ports)}`,
      networks.length > 0 && `${protocols.length + ports.length > 0 ? "in " : ""}${networks.length === 1 ? "network" : "networks"} ${listed(networks)}`,
    ];
    return `The site allows only ${parts.filter(Boolean).join(" ")}.`;
  },
};

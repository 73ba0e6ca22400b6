/** Satellites: how one stands, what is known of it, and what can be decided about it. */
import type { ReactNode } from "react";

export const satellites = {
  about: "The nodes at the sites. They dial out to the hub and own the sessions there.",
  search: "Search satellites",
  none: "No satellite has joined yet",
  noneAbout:
    "Create a zone for the site and a join token on its page, then run the command that it shows on a machine at the site. That machine needs a way out to the hub, and no open port.",
  toZones: "Go to zones",
  all: "All satellites",
  missing: "There is no such satellite",
  missingAbout: "The address may be mistyped.",
  ofZone: (zone: ReactNode) => <>Satellite of zone {zone}</>,
  zone: (zone: string) => `Zone ${zone}`,

  states: { online: "Online", offline: "Offline", revoked: "Revoked", quarantined: "Quarantined" },
  stateAbout: {
    online: "Its tunnel to the hub stands.",
    offline: "It has no tunnel to the hub. Its sessions go on at the site.",
    revoked: "It was revoked for good and cannot come back.",
    quarantined: "Set aside: nobody reaches its zone until it is released.",
  },
  since: (time: ReactNode) => <>since {time}</>,
  seen: (time: ReactNode) => <>seen {time}</>,
  neverSeen: "never seen",
  unknownAway: "Not known while it is away",

  /** All of them in one line. */
  undecided: (count: number) => `${count} ${count === 1 ? "needs" : "need"} your decision`,
  offline: (count: number) => `${count} offline`,
  warned: (count: number) => `${count} with a warning`,
  online: (count: number) => `${count} online`,

  lineToHub: "Line to the hub",
  onlineSince: "Online since",
  never: "never",
  roundTrip: "Round trip",
  notMeasured: "not measured yet",
  packetsLost: "Packets lost",
  notCountedTcp: "not counted over TCP",
  notCounted: "not counted yet",
  noneLost: "none",
  percent: (size: number) => `${size} %`,
  lostTo: (percent: string) => `${percent} to it`,
  lostFrom: (percent: string) => `${percent} from it`,
  lost: (percent: string) => `${percent} lost`,
  clock: "Clock",
  inStep: "in step with the hub’s",
  ahead: (time: string) => `${time} ahead`,
  behind: (time: string) => `${time} behind`,

  machine: "Machine",
  sessionsNow: "Sessions now",
  version: "Version",
  disk: "Disk",
  free: (size: string) => `${size} free`,
  freeOf: (free: string, size: string) => `${free} free of ${size}`,
  recordingsWaiting: "Recordings waiting",
  eventsWaiting: "Events waiting",
  nothingWaits: "none",
  onTheirWay: (amount: string) => `${amount} on their way to the hub`,
  awayUnknown: "Sessions, disk and what waits there are known only while it is online.",

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

  attention: "Needs attention",
  issues: {
    quarantined: {
      short: "Two machines use its identity",
      more: "Its identity was used twice, as after a copied disk. Stop the copy, then release it; whichever machine renews next is it. If you do not know which one is the copy, revoke it.",
    },
    readmission: {
      short: "Asks to be let back in",
      more: (ago: string) => `It was away for too long, came back ${ago}, and waits. Let it back in if you know where it was; if not, revoke it.`,
    },
    certificate: {
      ends: (time: string) => `Certificate ends ${time}`,
      ranOut: (time: string) => `Certificate ran out ${time}`,
      online: "It should have renewed it long ago. Its log says why not; so does “openpam-satellite doctor” at the site.",
      away: "It renews it by itself as soon as it reaches the hub.",
    },
    clock: {
      short: (skew: string) => `Clock ${skew}`,
      more: "Certificates and access windows are judged by that clock. Have the site set it by NTP.",
    },
    disk: {
      full: "Disk full",
      nearlyFull: (left: string | null) => `Disk nearly full: ${left}`,
      more: "Sessions are recorded on that disk: when it is full, no more can be opened. Make room there.",
    },
    draining: {
      short: "About to be restarted",
      more: "Its program is about to be restarted: it takes no new sessions, and those that run were told. “openpam-satellite drain --cancel” at the site takes it back.",
    },
  },

  actOn: (action: string, name: string) => `${action} ${name}`,
  revoke: {
    act: "Revoke",
    asked: (name: string) => `Revoke satellite ${name}?`,
    about: (zone: string, sessions: number) =>
      `Its tunnel drops at once and it can never connect again; nobody reaches zone ${zone} until another satellite joins it with a new token.${running(sessions)}`,
    done: (name: string, zone: string) => `Satellite ${name} of zone ${zone} is revoked.`,
  },
  release: {
    act: "Release",
    asked: (name: string) => `Release satellite ${name}?`,
    why:
      "Two machines have used this identity, as after a copied disk or a restored backup. Whichever of them renews next is the satellite from then on.",
    first: "Stop the copy first. If you do not know which one is the copy, cancel and revoke the satellite.",
    while: "While both run, it is quarantined again.",
    done: (name: string) => `Satellite ${name} is released. It comes back when it renews next.`,
  },
  readmit: {
    act: "Let back in",
    asked: (name: string) => `Let satellite ${name} back in?`,
    about: (zone: string) =>
      `It was away for too long to come back by itself. Let in, it has one day to renew its certificate, and then serves zone ${zone} again. If somebody else may have had that machine meanwhile, revoke it instead.`,
    done: (name: string) => `Satellite ${name} is let back in. It has one day to renew.`,
    decided: "It is let back in, and has one day to renew",
  },
};

function running(sessions: number): string {
  if (sessions === 0) return "";
  return sessions === 1 ? " 1 session runs there now." : ` ${sessions} sessions run there now.`;
}

/** "a", "a and b", "a, b and c". */
function listed(words: string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

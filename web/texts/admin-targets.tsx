/** Targets as they are kept: their forms, host keys and the test of a connection. */
import type { ReactNode } from "react";
import { changesOf } from "./changes";

export const adminTargets = {
  about: "Machines that people open. Each needs a credential and a grant to be opened.",
  none: "No targets yet",
  noneAbout: "Name a machine as its site knows it: the satellite there connects to it.",

  hostKey: "Host key",
  labelsOf: (target: string) => `Labels of ${target}`,

  changes: changesOf("Target"),
  test: "Test connection…",
  disabling: "Sessions on it end, and nobody can open it until it is enabled again. Its grants and credentials stay.",
  deleting:
    "Sessions on it end, its credentials are deleted with their secrets, and its grants. What was done on it stays in the audit, and so do its recordings.",

  create: "Create target",
  createAbout: "A machine that is reached over SSH.",
  isCreated: (target: string) => `Target ${target} is created. It needs a credential and a grant to be opened.`,
  edit: (target: string) => `Edit target ${target}`,
  editAbout: (zone: string) => `In zone ${zone}. Sessions that run on it go on.`,
  isChanged: (target: string) => `Target ${target} is changed.`,
  noZone: "There is no zone yet. Create one first.",
  zoneFirst: "Create a zone first",
  nameExample: "press-line-3",
  host: "Host",
  hostExample: "10.20.0.7",
  hostHint: "Name or address, as the site knows it.",
  port: "Port",
  labels: "Labels (optional)",
  labelsExample: "env=production line=3",
  labelsHint: "key=value, in a row. A grant may name one of them.",
  algorithms: "SSH algorithms",
  algorithmKinds: { safe: "Safe ones", old: "Also old ones" },
  oldAlgorithms: "SHA-1, CBC and 3DES can be broken by who stands between site and machine. Only for gear that knows nothing else.",

  notSeen: "Not seen yet",
  notSeenAbout: "The key it shows at the first connection is pinned",
  changed: "Changed",
  pinnedCount: (keys: number) => `${keys} pinned`,
  changedKeyOf: (target: string) => `Changed host key of ${target}`,
  pinnedKeysOf: (keys: number, target: string) => `${keys} pinned host keys of ${target}`,
  otherKey: (target: string) => `${target} shows another host key`,
  otherKeyAbout: "Sessions are refused until this is decided.",
  keysOf: (target: string) => `Host keys of ${target}`,
  keysAbout: "Pinned at the first connection. Sessions are refused when the machine shows another one.",
  known: "Known",
  pinnedAt: (time: ReactNode) => <>Pinned {time}</>,
  shownNow: "Shown now",
  lastShown: (time: ReactNode) => <>Last shown {time}</>,
  otherKeyTodo:
    "The machine was set up anew, or somebody stands between it and its site and would get its password. Ask whoever keeps it for the fingerprint, on another way than this network, and accept only the same one.",
  refuse: "Refuse it",
  isRefused: (target: string) => `The key that ${target} showed is refused.`,
  accept: "Accept the new key",
  isAccepted: (target: string) => `${target} is known by its new key.`,

  testOf: (target: string) => `Test of ${target}`,
  testAbout: (zone: string) => `Site ${zone} reaches it, compares its host key and signs in. No shell is opened.`,
  trying: "Trying. This takes up to 20 seconds where nothing answers.",
  letIn: (account: string) => `The target let ${account} in. Whoever has a grant can open it.`,
  failedAt: (hop: string) => `It failed at the ${hop.toLowerCase()}`,
  testAgain: "Test again",
};

/** Targets as they are kept: the list and its forms. */
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
    "Sessions on it end, its credentials are deleted with their secrets, and its grants; schedules on it are cancelled. What was done on it stays in the audit, and so do its recordings.",

  create: "Create target",
  createAbout: "A machine that people open as a shell or as a desktop.",
  protocol: "Opened as",
  protocols: { ssh: "Shell (SSH)", rdp: "Desktop (RDP)", vnc: "Desktop (VNC)" },
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
};

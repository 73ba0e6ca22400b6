/** The host keys of a target, and another one that it showed. */
import type { ReactNode } from "react";

export const hostKeys = {
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
};

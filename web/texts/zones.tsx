/** Zones, each a site with its machines, and how long its recordings are kept. */
import type { ReactNode } from "react";
import { changesOf } from "./changes";

export const zones = {
  about: "A zone is a site with its machines. One satellite serves each.",
  search: "Search zones",
  none: "No zones yet",
  noneAbout: "Create one for a site, then join a satellite there: it needs no open port, only a way out to the hub.",
  all: "All zones",
  missing: "There is no such zone",
  missingAbout: "It may have been deleted, or the address is mistyped.",

  noSatellite: "None yet",
  type: "Type",
  types: { hub: "Hub’s own network", site: "Site" },

  changes: changesOf("Zone"),
  disabling: "Sessions in this zone end, and none of its targets can be opened until it is enabled again. Its satellite stays joined.",
  deleting:
    "Its grants and join tokens are deleted. Its targets must be deleted first, and its satellite revoked. What was done in it stays in the audit.",
  endAllAsked: (zone: string) => `End all sessions in zone ${zone}?`,
  endingAll: "Whatever runs in them is ended. New ones may be opened: to prevent that, disable the zone.",

  create: "Create zone",
  createAbout: "A site with its machines.",
  isCreated: (zone: string) => `Zone ${zone} is created.`,
  edit: (zone: string) => `Edit zone ${zone}`,
  isChanged: (zone: string) => `Zone ${zone} is changed.`,
  nameExample: "plant-7",
  nameHint: "People see it beside every target.",

  keepFor: "Keep recordings for, in days (optional)",
  keepHint: "Counted from the end of each session.",
  hold: "Legal hold",
  holdKinds: { no: "None", yes: "Stands" },
  holdHint: "While it stands nothing of this zone is deleted, however old.",
  shorter: (days: number) =>
    `Recordings of sessions that ended more than ${days} ${days === 1 ? "day" : "days"} ago are deleted for good, within a minute of saving.`,

  recordingsAbout: "What was kept long enough is deleted for good, with an event in the audit. Sessions and events stay.",
  kept: "Kept",
  forEver: "For ever",
  keptDays: (days: number) => `${days} ${days === 1 ? "day" : "days"} after the end of their session`,
  holdStands: (badge: ReactNode) => <>{badge} Nothing is deleted, however old.</>,

  satelliteAbout: "It opens, records and guards every session of this zone.",
  notJoinedAbout: "Create a join token below and run its command on a machine at the site. That machine needs a way out to the hub, and no open port.",
};

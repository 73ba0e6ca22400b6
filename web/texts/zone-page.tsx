/** The page of one zone. */
import type { ReactNode } from "react";
import { changesOf } from "./changes";

export const zonePage = {
  all: "All zones",
  clocks: (timezone: string) => `Time zone ${timezone}`,

  missing: "There is no such zone",
  missingAbout: "It may have been deleted, or the address is mistyped.",

  changes: changesOf("Zone"),
  disabling: "Sessions in this zone end, and none of its targets can be opened until it is enabled again. Its satellite stays joined.",
  deleting:
    "Its grants and join tokens are deleted. Its targets must be deleted first, and its satellite revoked. What was done in it stays in the audit.",
  endAllAsked: (zone: string) => `End all sessions in zone ${zone}?`,
  endingAll: "Whatever runs in them is ended. New ones may be opened: to prevent that, disable the zone.",

  recordingsAbout: "What was kept long enough is deleted for good, with an event in the audit. Sessions and events stay.",
  kept: "Kept",
  holdStands: (badge: ReactNode) => <>{badge} Nothing is deleted, however old.</>,

  satelliteAbout: "It opens, records and guards every session of this zone.",
  notJoinedAbout: "Create a join token below and run its command on a machine at the site. That machine needs a way out to the hub, and no open port.",
};

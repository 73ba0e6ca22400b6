/** The list of satellites and the page of each. */
import type { ReactNode } from "react";

export const satellitePages = {
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

  since: (time: ReactNode) => <>since {time}</>,
  seen: (time: ReactNode) => <>seen {time}</>,
  neverSeen: "never seen",
  waiting: (size: string) => `${size} waiting`,
  unknownAway: "Not known while it is away",
};

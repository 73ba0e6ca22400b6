/** Zones, each a site with its machines: the list and its forms. */
export const zones = {
  about: "A zone is a site with its machines. One satellite serves each.",
  search: "Search zones",
  none: "No zones yet",
  noneAbout: "Create one for a site, then join a satellite there: it needs no open port, only a way out to the hub.",

  noSatellite: "None yet",
  type: "Type",
  types: { hub: "Hub’s own network", site: "Site" },

  create: "Create zone",
  createAbout: "A site with its machines.",
  isCreated: (zone: string) => `Zone ${zone} is created.`,
  edit: (zone: string) => `Edit zone ${zone}`,
  isChanged: (zone: string) => `Zone ${zone} is changed.`,
  nameExample: "plant-7",
  nameHint: "People see it beside every target.",

  timezone: "Time zone",
  timezoneHint: "On whose clocks the site works: schedules begin with it.",

  keepFor: "Keep recordings for, in days (optional)",
  keepHint: "Counted from the end of each session.",
  hold: "Legal hold",
  holdKinds: { no: "None", yes: "Stands" },
  holdHint: "While it stands nothing of this zone is deleted, however old.",
  shorter: (days: number) =>
    `Recordings of sessions that ended more than ${days} ${days === 1 ? "day" : "days"} ago are deleted for good, within a minute of saving.`,

  forEver: "For ever",
  keptDays: (days: number) => `${days} ${days === 1 ? "day" : "days"} after the end of their session`,
};

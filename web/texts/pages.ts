/** The names of the pages, in the navigation and in the command palette. */
export const pages = {
  label: "Pages",
  myTargets: "My targets",
  sessions: "Sessions",
  recordings: "Recordings",
  schedules: "Schedules",
  audit: "Audit",
  events: "Audit events",
  account: "Your account",
  administration: "Administration",
  zones: "Zones",
  satellites: "Satellites",
  targets: "Targets",
  credentials: "Credentials",
  users: "Users",
  groups: "Groups",
  grants: "Grants",
};

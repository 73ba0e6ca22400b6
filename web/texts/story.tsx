/** All that is known of a person or of a target. */
import type { ReactNode } from "react";

export const story = {
  deletedAbout: "It is kept for the audit alone",
  noUser: "There is no such user",
  noTarget: "There is no such target",
  missingAbout: "What was never used may have been deleted altogether, or the address is mistyped.",
  toAudit: "Go to the audit",

  roleAbout: (word: string, about: string) => `${word}: ${about}`,
  none: "None",
  accountMade: "Account made",
  accountDeleted: "Account deleted",
  accounts: "Accounts",
  labels: "Labels",

  mayOpenNone: "No target",
  openedBy: "May be opened by",
  openedByNone: "Nobody may open it",
  person: "Person",
  rightsAbout: "As grants and groups stand now.",
  through: "Through",
  ownGrant: "A grant of their own",
  inWindows: "in windows only",
  throughGroups: (groups: string[]) => `${groups.length === 1 ? "Group" : "Groups"} ${groups.join(", ")}`,
  moreRights: (shown: number) => `The first ${shown} by name; there are more.`,
  noneYet: "None yet",
  sessionsCount: (total: number, running: number, last: ReactNode) => <>{`${total}, ${running === 0 ? "none running" : `${running} running`}; the last began `}{last}</>,
  filterAndExport: "Filter and export",
  happenings: "What happened",
};

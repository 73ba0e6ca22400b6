/** When sites were without their hub, and what they decided meanwhile. */
import type { ReactNode } from "react";

export const outages = {
  tab: "Outages",
  about: "When sites were without their hub for ten seconds and more, and whether they decided anything that would be decided differently now.",
  ofZone: "When this site was without its hub, and what it decided meanwhile.",
  none: "No outages yet",
  noneHere: "No outages of this site yet",
  noneAbout: "One stands here once its site is back and has told what happened.",
  noneAway: "The one that goes on now stands here once the site is back and has told what happened.",
  all: "All outages",
  missing: "There is no such outage",
  missingAbout: "The address may be mistyped.",
  onlyZone: (zone: string) => `Only outages of zone ${zone}.`,
  showAll: "Show all",

  since: "Since",
  until: "Until",
  lasted: "Lasted",
  sessions: "Sessions meanwhile",
  decided: "Decided differently",
  beingMade: "The report is being made",
  nothing: "Nothing",
  differences: (count: number) => `${count} ${count === 1 ? "decision" : "decisions"}`,

  one: (zone: string) => `Outage of ${zone}`,
  oneAbout: (since: string, until: string, time: string) => `${since} to ${until}: ${time} without the hub.`,
  policy: "Policy meanwhile",
  newest: "Policy at its return",
  noPolicy: "none",
  same: (version: number) => `v${version}, the same`,
  version: (version: number) => `v${version}`,
  noDifference: "Nothing would have been decided differently.",
  noDifferenceAbout: "Every session that ran there meanwhile ended when the policy of the site’s return would have ended it, or went on as it would have let it.",
  reportPending: "The report is made as soon as the site has told what happened there.",
  differencesAbout: (shown: number, count: number) =>
    shown < count ? `The first ${shown} of ${count}. Each is held against the policy of the moment of the site’s return.` : "Each is held against the policy of the moment of the site’s return.",
  session: "Its events",
  what: "What would have been different",

  /** "bob on press-4 went on until 12:00; by the policy of 12:00 it would have ended at 10:31: grant taken away." */
  wentOn: (user: ReactNode, target: ReactNode, until: string, policy: string, at: string, why: string) => (
    <>{user}{" on "}{target}{` went on until ${until}; by the policy of ${policy} it would have ended at ${at}: ${why}.`}</>
  ),
  ended: (user: ReactNode, target: ReactNode, at: string, why: string, policy: string) => (
    <>{user}{" on "}{target}{` was ended at ${at}: ${why}; by the policy of ${policy} it would have gone on.`}</>
  ),
};

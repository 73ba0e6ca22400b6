/** What sites are ordered to do, how far it is, and what came of it. */
import type { ReactNode } from "react";

interface Words {
  title: string;
  todo: string;
}

export const commands = {
  about: "What sites were ordered to do, and what came of it. A command to a site that is away waits for it until its time is over.",
  label: "Commands to sites",
  kinds: {
    end: { word: "End a session", about: "The site ends the session as soon as it gets this." },
    watch: { word: "Watch a session", about: "The site says whether the session is there to be watched." },
    diagnose: { word: "Diagnose", about: "The site looks for everything that may be wrong with it." },
    collect_logs: { word: "Collect logs", about: "The site sends the newest part of its satellite’s own log." },
  },
  states: { waiting: "Waits for the site", sent: "Sent", running: "Running", done: "Done", failed: "Failed", expired: "Expired", withdrawn: "Withdrawn" },
  statesAbout: {
    waiting: "The site is away. It gets the command as soon as it is back.",
    sent: "The command is on its way to the site.",
    running: "The site works on it.",
    done: "The site did it.",
    failed: "The site could not do it.",
    expired: "The site did not do it in time. Nobody does it any more.",
    withdrawn: "Somebody took it back. What the site had done stays done.",
  },

  command: "Command",
  site: "Site",
  ordered: "Ordered",
  orderedBy: "Ordered by",
  result: "Result",
  expires: "Expires",
  finished: "Over since",
  session: "Session",
  itsEvents: "Its events",
  sessionOf: (user: string, target: string) => `${user} on ${target}`,
  id: "Id",
  progressOf: (kind: string) => `Progress: ${kind}`,
  progress: (percent: number, step: string | null | undefined) => (step ? `${percent} %, ${step}` : `${percent} %`),
  expiresIn: (time: ReactNode) => <>expires {time}</>,
  took: (time: string) => `took ${time}`,
  zone: (satellite: ReactNode, zone: string) => <>{satellite}, zone {zone}</>,

  show: "Show",
  all: "All",
  unfinished: "Unfinished",
  allSites: "All sites",
  none: "No command was ordered yet",
  noneAbout: "Diagnose and collect logs on the page of a satellite. What is over stays here for 30 days.",
  toSatellites: "Go to satellites",
  noneSuch: "No such command",
  noneUnfinished: "Nothing is unfinished",
  noneUnfinishedAbout: "Every site did what it was ordered, or its time is over.",
  showAll: "Show all",
  missing: "There is no such command. Those that are over are forgotten after 30 days.",

  findings: "Findings",
  check: "Check",
  found: "Found",
  levels: { ok: "As it should be", warning: "To look at", failed: "Does not work" },
  advice: (advice: string) => `What to do: ${advice}`,

  log: "Log",
  logAbout: "The newest part of the satellite’s own log. Who reads it stands in the audit.",
  logForAdmins: "Administrators may read what was collected.",
  download: "Download log",
  showLast: "Show its last lines",
  lastLines: (count: number) => `The last ${count} lines`,
  emptyLog: "The log is empty.",

  withdraw: "Withdraw",
  withdrawAsking: "Withdraw…",
  withdrawAsked: (kind: string) => `Withdraw “${kind}”?`,
  withdrawAbout: "The site does it no more. What it has done already stays done.",
  isWithdrawn: "The command is withdrawn.",
  watchNow: "Watch now",
  resumeNow: "Resume",
  sessionOver: "This session is over by now.",

  /** Why one failed, by its code. */
  failures: {
    session_gone: { title: "The session is gone", todo: "It ended meanwhile: there is nothing left to do." },
    too_late: { title: "It took too long", todo: "Order it again, with more time." },
    too_many_commands: { title: "The site has too much to do", todo: "Wait until others are done, or withdraw some, then order it again." },
    unknown_command: { title: "The satellite does not know this", todo: "Its version is older than the hub’s. Update it, then order it again." },
    invalid_command: { title: "The satellite did not understand it", todo: "Its version may not fit the hub’s. Update the older of both." },
    state: { title: "The satellite cannot read its state", todo: "Look at its state folder at the site: openpam-satellite doctor says more." },
    internal: { title: "Something failed at the site", todo: "Order it again. If it stays, the satellite’s log says why." },
  } as Record<string, Words>,
  otherFailure: { title: "It failed at the site", todo: "Order it again. If it stays, the satellite’s log says why." },
  expiredTodo: "Order it again, with more time if the site is away for long.",

  /** On a satellite's page. */
  section: "Commands",
  sectionAbout: "Looking after this satellite from here.",
  waits: "If it is away, wait",
  waitingTimes: [
    { seconds: 600, word: "10 minutes" },
    { seconds: 3600, word: "1 hour" },
    { seconds: 86_400, word: "1 day" },
    { seconds: 604_800, word: "1 week" },
  ],
  isOrdered: (kind: string, satellite: string) => `Ordered of ${satellite}: ${kind}.`,
  noneHere: "Nothing was ordered of this satellite yet.",
  allHere: "All commands of this satellite",

  /** Where a session's site is away. */
  endLater: "End it as soon as the site is back",
  endLaterAbout: "The site can be ordered to end it. The command waits for the site for a day, under Commands.",
  endOrdered: (target: string, zone: string) => `The session on ${target} ends as soon as ${zone} is back.`,
  watchLaterAbout: "You need not wait here: the site can be asked once it is back.",
  watchLater: "Watch as soon as it is back",
  watchOrdered: (zone: string) => `${zone} is asked as soon as it is back whether the session is there.`,
  toCommand: "To the command",
  noSatellite: "No satellite of this zone has the session.",
};

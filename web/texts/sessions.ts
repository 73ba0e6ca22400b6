/** The lists of sessions, live and ended, and how a session stands. */

const counted = (count: number) => (count === 1 ? "1 session" : `${count} sessions`);
const goOn = (count: number) => `${counted(count)} at a site that does not answer ${count === 1 ? "goes" : "go"} on.`;

export const sessions = {
  aboutAll: "Everybody's sessions: live ones first.",
  aboutOwn: "Your sessions: live ones first. A session goes on when you close its page.",
  live: "Live",
  liveLabel: "Live sessions",
  noneLive: "No session is live",
  noneLiveAbout: "A session stays here while it runs, also when nobody looks at it.",
  openTarget: "Open a target",
  ended: "Ended",
  endedLabel: "Ended sessions",
  noneEnded: "No session has ended yet",
  noneEndedAbout: "Each one is kept here with its recording.",

  from: "From",
  over: (transport: string) => `${transport} to the site`,
  traffic: "Out / in",
  trafficAbout: "Printed by the target, and typed to it",
  runsFor: "Runs for",
  lasted: "Lasted",
  inUse: "In use",
  waiting: "Waiting",
  waitingAbout: "No page is on it. It goes on until its waiting time is over",
  idle: (time: string) => `Idle for ${time}`,

  resume: "Resume",
  resumeOn: (target: string) => `Resume the session on ${target}`,
  watch: "Watch",
  watchOn: (user: string, target: string) => `Watch ${user}'s session on ${target}`,
  recordingOn: (target: string) => `Recording of the session on ${target}`,

  end: "End",
  endOwn: (target: string) => `End your session on ${target}`,
  endOthers: (user: string, target: string) => `End ${user}'s session on ${target}`,
  asked: (end: string) => `${end}?`,
  endAbout: "Whatever runs in this shell ends with it. Its recording stays.",
  isEnded: (target: string) => `The session on ${target} is ended.`,

  /** How one stands in the books. */
  status: {
    active: { word: "Running", about: "It runs now." },
    completed: { word: "Completed", about: "Its user or its program ended it." },
    terminated: { word: "Terminated", about: "An administrator or a rule ended it." },
    failed: { word: "Failed", about: "It did not come about, or broke." },
  },

  /** What became of all those that were ended together. */
  endAll: "End all",
  endAllSessions: "End all sessions…",
  noneRan: "No session was running.",
  allEnded: (count: number) => `${counted(count)} ${count === 1 ? "is" : "are"} ended.`,
  someEnded: (count: number, unreachable: number) => `${counted(count)} ${count === 1 ? "is" : "are"} ended; ${goOn(unreachable)}`,
  noneEndedNow: (unreachable: number) => `No session could be ended; ${goOn(unreachable)}`,
};

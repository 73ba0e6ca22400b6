/** A shell on its page, and what a desktop says alike: the bar and the line above it, the dialogs around it, and how it stands. */

const waiting = (typed: number): string => (typed === 0 ? "" : typed === 1 ? " One typed character waits." : ` ${typed} typed characters wait.`);
const whose = (watches: boolean): string => (watches ? "The session" : "Your session");

export const shell = {
  unnamed: "No target is named in this address",
  unnamedAbout: "Choose the target that you want to open.",

  phases: { connecting: "Connecting", open: "Connected", reconnecting: "Reconnecting", over: "Closed" },
  watching: "Watching",
  watchedBefore: "Watched by ",
  watchers: (names: string[]) => (names.length < 3 ? names.join(" and ") : `${names[0]} and ${names.length - 1} others`),
  toHub: (time: string) => `Round trip: ${time} to the hub`,
  toSite: (hub: string, site: string) => `Round trip: ${hub} to the hub, ${site} from there to the site`,
  toSessions: "Back to the sessions",
  toTargets: "Back to my targets",
  toTargetsAbout: "Back to my targets; the session goes on",
  openBeside: "Open another target beside this one",
  withKey: (action: string, key: string) => `${action} (${key})`,
  fullScreen: "Full screen",
  leaveFullScreen: "Leave full screen",

  settings: "Terminal settings",
  larger: "Larger text",
  smaller: "Smaller text",
  screenReaderOn: "Turn screen reader support on",
  screenReaderOff: "Turn screen reader support off",
  predictionsOn: "Show typed text ahead on long lines",
  predictionsOff: "Do not show typed text ahead",
  pasteAsksOn: "Ask before several lines are pasted",
  pasteAsksOff: "Paste several lines without asking",
  colours: "Colours",
  colourKinds: { page: "As the page", dark: "Dark", light: "Light", solarized: "Solarized dark", contrast: "High contrast" },

  endAsked: "End this session?",
  endOthersAsked: "End this session of somebody else's?",

  /** The line between bar and terminal. */
  comesBack: (why: string, watches: boolean, typed: number) => `${why} ${whose(watches)} goes on; this page comes back to it by itself.${waiting(typed)}`,
  because: (title: string) => `${title}.`,
  hubLost: "The connection to the hub is lost.",
  linkLost: (site: string, watches: boolean, typed: number) => `Link to ${site} lost. ${whose(watches)} is still running there. Reconnecting…${waiting(typed)}`,
  linkLostUntil: (site: string, watches: boolean, until: string, typed: number) =>
    `Link to ${site} lost. ${whose(watches)} is still running there. Reconnecting… held until ${until}.${waiting(typed)}`,
  theSite: "the site",
  inputFull: "Not taken: too much typed text is still on its way. Wait a moment, then type or paste it again.",
  noAnswer: (site: string, typed: number) => `No answer from ${site} for a while.${waiting(typed)}`,
  youWatch: (user: string) => `You watch ${user}'s session, and ${user} sees that. What you type is not sent.`,
  youWatchSomebody: "You watch somebody else's session, and its user sees that. What you type is not sent.",
  inputLost: (count: number) =>
    count === 1
      ? "One character that you typed last did not reach the target before this page was left"
      : `${count} characters that you typed last did not reach the target before this page was left`,

  connecting: "Connecting",
  comingBack: (target: string) => `Coming back to your session on ${target}`,
  goingToWatch: (target: string) => `Going to watch a session on ${target}`,
  triesAgain: "The hub does not answer. This page tries again by itself.",
  whyAndTodo: (title: string, todo: string) => `${title}. ${todo}`,

  before: (target: string) => `Before you open ${target}`,
  agreeTo: "What you agree to",
  agreedAbout: "That you agreed, and to which text, is kept with the session.",
  goBack: "Go back",
  agree: "Agree and open",

  closed: "The session is closed",
  failedAt: (hop: string) => `It failed at: ${hop}`,
  you: "You",
  takeBack: "Take it back",
  openAgain: "Open again",

  keysLabel: "Keys",

  pasteOne: "Paste a line that runs at once?",
  pasteOneAbout: "It ends with a line break, so the shell runs it without waiting for Enter.",
  pasteMany: (lines: number) => `Paste ${lines} lines?`,
  pasteManyAbout: "The program there does not tell pasted text from typed, so a shell runs each line at once.",
  pasteLabel: "What would be pasted",
  moreLines: (count: number) => (count === 1 ? "and one more line" : `and ${count} more lines`),
  doNotAsk: "Do not ask again",
  pasteAsOne: "Paste as one line",
  paste: "Paste",
  notPasted: (size: string, most: string) => `Nothing was pasted: the text has ${size}, and at most ${most} go at once.`,

  tabs: "Open sessions",
  tabStates: { connecting: "connecting", live: "live", reconnecting: "reconnecting", ended: "ended" },
  withNewOutput: (state: string) => `${state}, new output`,
  tab: (name: string, state: string) => `${name}, ${state}`,
  /** `place` where a key shows it. */
  tabAbout: (name: string, state: string, place: number | null) => (place === null ? `${name}: ${state}` : `${name}: ${state} (Alt+${place})`),
  closeTab: (name: string) => `Close ${name}`,
  closeGoesOn: "Close; the session goes on",
  goesOn: (name: string) => `The session on ${name} goes on. You find it under Sessions.`,
  tabsFull: "No more fit here: close one first",
  openBesideThese: "Open another target beside these",
  tooMany: (most: number) => `${most} sessions are open here already. Close one first.`,
};

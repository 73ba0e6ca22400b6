/** Playing a recording, and reading its text. */
import type { ReactNode } from "react";

export const player = {
  all: "All recordings",
  title: "Recording",
  titleOn: (target: string) => `Recording on ${target}`,
  runs: (who: string, zone: string, start: ReactNode) => <>{`${who} in ${zone}, `}{start}, still running</>,
  ran: (who: string, zone: string, start: ReactNode, lasted: string) => <>{`${who} in ${zone}, `}{start}{`, ${lasted}`}</>,
  userAs: (user: string, account: string) => `${user} as ${account}`,
  view: "View",
  views: { play: "Play", text: "Text" },
  files: { recording: "Recording", text: "Text" },
  download: { recording: "Download recording", text: "Download text" },

  unnamed: "No recording is named in this address",
  unnamedAbout: "Choose the one that you want to see.",
  toAll: "Go to the recordings",
  missing: "There is no recording of this session here",
  missingAbout: "The session may never have opened, or the site that recorded it has no connection now: then the recording comes once it has.",
  lookAgain: "Look again",
  gone: "This recording was deleted",
  goneAbout: "Its zone kept it as long as it keeps recordings. Who was there, when, and how it ended stays in the audit.",
  unplayable: (why: string) => `This recording cannot be played: ${why}.`,
  /** Why not. */
  noHeader: "the first line is no header",
  unknownVersion: (version: string) => `version ${version} of the format is not known`,
  empty: "it is empty",
  headerTooLong: "the first line is too long",
  brokeOff: "The recording broke off while it was read.",
  butBefore: (failure: string) => `${failure} What came before can be played.`,
  stillRuns: "This session is still running. You see it as far as it was recorded when you opened this page.",
  readAgain: "Read it again",
  tooLarge: "This recording is too large for a browser: only its first part is played. Download it for the whole.",
  damaged: (lines: number) => (lines === 1 ? "1 damaged line was left out." : `${lines} damaged lines were left out.`),

  player: "Player",
  pause: "Pause",
  playAgain: "Play again",
  position: "Position",
  positionOf: (now: string, all: string) => `${now} of ${all}`,
  stillRead: "More of it is still being read",
  skipIdle: "Skip idle times",
  speed: "Speed",

  nothingPrinted: "Nothing was printed in this session",
  firstOnly: (size: string) => `Only the first ${size} are shown. Download the text for all of it.`,
  textLabel: "Text of the session",
};

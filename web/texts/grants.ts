/** Who may open what, and on which terms. */
import { changesOf } from "./changes";

export const grants = {
  about: "Who may open what. Without a grant nobody opens anything, not even an admin.",
  search: "Search grants",
  none: "No grants yet",
  noneAbout: "Let a user or a group open one target, every target of a zone, or every target with a label.",

  mayOpen: "may open",
  what: "What",
  terms: "Terms",
  noLimits: "No limits",
  since: "Since",
  ofZone: "Every target of the zone",
  withLabel: "Every target with this label",

  changes: changesOf("Grant"),
  deleting: "Sessions that stood on this grant alone end at once.",
  one: (who: string, what: string) => `${who} on ${what}`,
  everyOfZone: (zone: string) => `every target of zone ${zone}`,
  everyWithLabel: (label: string) => `every target with ${label}`,

  create: "Create grant",
  createAbout: "Who may open what.",
  isCreated: (who: string, what: string) => `${who} may open ${what}.`,
  whom: { user_id: "A user", group_id: "A group" },
  places: { target_id: "One target", zone_id: "A whole zone", label: "A label" },
  chooseUser: "Choose a user",
  chooseGroup: "Choose a group",
  noGroup: "There is no group yet.",
  noTarget: "There is no target yet.",
  noZone: "There is no zone yet.",
  zoneHint: "Every target there, also those that come later.",
  label: "Label",
  labelExample: "env=production",
  labelHint: "Every target that has it, in every zone, also those that get it later.",

  edit: (grant: string) => `Terms of ${grant}`,
  editAbout: "Limits and a later end hold for sessions that open from now on; those that run end as soon as no window is open any more.",
  isChanged: (grant: string) => `The grant of ${grant} is changed.`,
  noLimit: "No limit",
  longest: "Longest session, in minutes (optional)",
  longestHint: "480 is a shift. Its user is warned 10, 5 and 1 minutes before.",
  idle: "Idle limit, in minutes (optional)",
  idleHint: "Ends it when nothing is typed for so long, whatever the target prints.",
  consent: "Text to agree to (optional)",
  consentHint: "Shown before each session opens. That it was agreed to is kept in the audit.",
  offline: "Without the hub",
  offlineNever: "Not at all",
  offlineNames: { 300: "5 minutes", 3600: "1 hour", 28_800: "8 hours", 86_400: "1 day", 604_800: "1 week", 2_419_200: "4 weeks" } as Record<number, string>,
  offlineHint: "How long access goes on at a site that has lost its hub. “Not at all” ends sessions as soon as the line is lost, also when the hub is restarted.",

  desktops: "Desktops",
  /** What may pass between a desktop and the computer of its user. */
  transfer: {
    clipboard_copy: "Copy text from the desktop",
    clipboard_paste: "Paste text on the desktop",
    file_download: "Take files from the desktop",
    file_upload: "Put files on the desktop",
  },
  transferHint: "What may pass between a desktop (RDP, VNC) and the computer of its user. The satellite enforces it, and shells do not have it.",
  /** Each way that is open, in a row. */
  passing: { clipboard_copy: "copy text", clipboard_paste: "paste text", file_download: "take files", file_upload: "put files" },
  nothingPasses: "nothing passes",
  /** In a row, where it is not as usual. */
  unusual: {
    clipboard_copy: "no copying from desktops",
    clipboard_paste: "no pasting on desktops",
    file_download: "files from desktops",
    file_upload: "files to desktops",
  },

  /** The terms in a row; the first begins with a capital letter. */
  atMost: (time: string) => `at most ${time}`,
  endsIdle: (time: string) => `ends when idle for ${time}`,
  asks: "text to agree to",
  alone: (time: string) => `${time} without the hub`,
  notAlone: "not without the hub",
};

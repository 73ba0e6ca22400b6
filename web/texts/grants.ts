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

  /** The terms in a row; the first begins with a capital letter. */
  atMost: (time: string) => `at most ${time}`,
  endsIdle: (time: string) => `ends when idle for ${time}`,
  asks: "text to agree to",
};

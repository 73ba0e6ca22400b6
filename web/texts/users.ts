/** Who may sign in, and as what. */
import { changesOf } from "./changes";

export const users = {
  about: "Who may sign in, and as what. What they may open is said by grants.",
  search: "Search users",
  none: "No users yet",

  mail: "Mail",
  local: "Local",
  directory: "Directory",

  changes: changesOf("User"),
  disabling: "They are signed out everywhere at once and their sessions end. What they did stays in the books.",
  deleting: "They are signed out everywhere at once, their sessions end, their grants and memberships are deleted, and their schedules cancelled. What they did stays in the audit.",
  own: "This is your own account",
  endAllAsked: (username: string) => `End all sessions of ${username}?`,
  endingAll: "Whatever runs in them is ended. They may open new ones: to prevent that, disable the account.",

  create: "Create user",
  createAbout: "A local account with a password.",
  isCreated: (username: string) => `User ${username} is created.`,
  edit: (username: string) => `Edit user ${username}`,
  isChanged: (username: string) => `User ${username} is changed.`,
  usernameExample: "ann.lee",
  usernameHint: "Lower case letters, digits and . _ - @",
  name: "Display name (optional)",
  nameExample: "Ann Lee",
  mailAddress: "Mail address (optional)",
  passwordHint: "At least 12 characters. Hand it over safely.",
  newPassword: "New password (optional)",
  newPasswordHint: "At least 12 characters. It signs them out everywhere; their sessions wait for the grace time.",
};

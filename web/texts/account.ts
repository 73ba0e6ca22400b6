/** One's own account: password and sign-ins. */
export const account = {
  mail: "Mail address",

  passwordAbout: "Your other browsers are signed out when it changes.",
  elsewhere: "Your company’s directory keeps your password. Change it there.",
  current: "Current password",
  new: "New password",
  newHint: "At least 12 characters.",
  again: "New password again",
  unlike: "This is not the same password.",
  change: "Change password",
  changed: "Your password is changed. Your other browsers are signed out.",

  signIns: "Where you are signed in",
  signInsAbout: "Sign out what you do not know, then change your password.",
  signInsLabel: "Sign-ins",
  nowhere: "Nowhere",
  browser: "Browser",
  signedIn: "Signed in",
  lastUsed: "Last used",
  ends: "Ends",
  thisBrowser: "This browser",
  signOutOf: (browser: string, lastUsed: string) => `Sign out ${browser}, used ${lastUsed}`,
  signedOut: (browser: string) => `${browser} is signed out.`,
  everywhere: "Sign out everywhere",
  everywhereAsked: "Sign out everywhere?",
  everywhereAbout:
    "Every browser is signed out at once, this one too. Your sessions are not ended: they wait for the grace time, and you can come back to them.",

  unknownBrowser: "Unknown",
  browserOn: (browser: string, system: string) => `${browser} on ${system}`,
};

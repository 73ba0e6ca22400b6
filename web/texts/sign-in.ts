/** The sign-in page, and signing in again over a page. */
export const signIn = {
  title: "Sign in",
  heading: "Sign in to OpenPAM",
  about: "Shells and desktops on your machines. Every session is recorded.",
  act: "Sign in",
  acting: "Signing in",
  /** The button says only the first word; the rest is heard. */
  show: "Show",
  hide: "Hide",
  thePassword: " password",

  again: "Sign in again",
  againAbout: "Your sign-in has ended. What you typed on this page is kept: you go on where you were.",
  somebodyElse: "Somebody else",

  failed: "Something went wrong. Try again.",
  wrong: "Wrong user name or password.",
  tooOften: (wait: string) => `Too many attempts. Wait ${wait}, then try again.`,
  fewMinutes: "a few minutes",
  hubAway: "The hub does not answer. Check your network connection, or try again in a moment.",
};

/** The targets that one may open. */
export const targets = {
  about: "Choose a machine to open a shell or a desktop on it. You never need its password.",
  label: "Targets granted to you",
  searchFor: "Name, zone or description",
  notFound: (search: string) => `No target matches “${search}”`,
  notFoundAbout: "Names, zones and descriptions are searched.",
  noneAbout: "An administrator decides which targets you may open. Ask one for a grant.",
  noneAboutAdmin: "A grant says who may open which targets. Make one for yourself to open targets here.",
  toGrants: "Go to grants",

  protocol: "Protocol",
  reachable: "Reachable",
  unreachableAbout: "Its site has no connection to the hub, or the machine did not answer within the last minute",

  /** Where a grant holds in windows alone. */
  opens: (time: string) => `Opens ${time}`,
  openUntil: (time: string) => `Until ${time}`,
  over: "Access is over",
  overAbout: "No window of your access is left. Ask an administrator for more time.",

  open: "Open",
  openOne: (target: string) => `Open ${target}`,
  accountsOn: (target: string) => `Accounts on ${target}`,
  chooseAccount: (target: string) => `Choose an account on ${target}`,
  signInAs: "Sign in there as",
};

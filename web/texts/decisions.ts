/** What can be decided about a satellite, and what follows. */
export const decisions = {
  actOn: (action: string, name: string) => `${action} ${name}`,
  revoke: {
    act: "Revoke",
    asked: (name: string) => `Revoke satellite ${name}?`,
    about: (zone: string, sessions: number) =>
      `Its tunnel drops at once and it can never connect again; nobody reaches zone ${zone} until another satellite joins it with a new token.${running(sessions)}`,
    done: (name: string, zone: string) => `Satellite ${name} of zone ${zone} is revoked.`,
  },
  release: {
    act: "Release",
    asked: (name: string) => `Release satellite ${name}?`,
    why:
      "Two machines have used this identity, as after a copied disk or a restored backup. Whichever of them renews next is the satellite from then on.",
    first: "Stop the copy first. If you do not know which one is the copy, cancel and revoke the satellite.",
    while: "While both run, it is quarantined again.",
    done: (name: string) => `Satellite ${name} is released. It comes back when it renews next.`,
  },
  readmit: {
    act: "Let back in",
    asked: (name: string) => `Let satellite ${name} back in?`,
    about: (zone: string) =>
      `It was away for too long to come back by itself. Let in, it has one day to renew its certificate, and then serves zone ${zone} again. If somebody else may have had that machine meanwhile, revoke it instead.`,
    done: (name: string) => `Satellite ${name} is let back in. It has one day to renew.`,
    decided: "It is let back in, and has one day to renew",
  },
};

function running(sessions: number): string {
  if (sessions === 0) return "";
  return sessions === 1 ? " 1 session runs there now." : ` ${sessions} sessions run there now.`;
}

/** By which policy a site decides, and how long it goes on without the hub. */
export const sitePolicy = {
  policy: "Policy",
  held: (version: number) => `v${version}`,
  heldOf: (version: number, newest: number) => `v${version} of v${newest}`,
  newest: (version: number) => `v${version}, the newest`,
  none: "It holds none: it decides nothing alone",
  noneShort: "no policy",
  since: (time: string) => `since ${time}`,

  offlineSince: "Offline since",
  alone: "Without the hub",
  goesOnUntil: (time: string) => `goes on alone until ${time}`,
  stoppedAt: (time: string) => `nothing goes on there since ${time}`,

  onItsWay: (time: string) => `A change of ${time} is on its way to this site.`,
  notThere: (time: string) => `A change of ${time} has not reached this site.`,
  notThereUntil: (time: string, latest: string) => `A change of ${time} has not reached this site; it holds there at the latest from ${latest}.`,
  notThereStopped: (time: string, stopped: string) => `A change of ${time} has not reached this site, where nothing goes on since ${stopped}.`,
};

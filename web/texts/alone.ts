/** Who can get in at a site whose line to the hub is dead. */
export const alone = {
  title: "If its line dies now",
  titleAway: "While its line is dead",
  about: (version: number) => `Who can open what there without the hub, by policy v${version}, which the site holds.`,
  aboutNewest: (version: number) => `Who could open what there without the hub by the newest policy, v${version}, once the site holds it. It is not known to: until then nobody gets in.`,
  noPolicy: "No policy was issued for this zone yet: nobody gets in without the hub.",
  nobody: "Nobody gets in without the hub",
  nobodyAbout: "No grant for a target of this zone holds now and allows the site to be without its hub.",
  person: "Person",
  until: "Until",
};

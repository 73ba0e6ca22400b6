/** The list of recordings. */
export const recordings = {
  aboutAll: "Every session, as it was on its screen.",
  aboutOwn: "Your sessions, as they were on your screen.",
  none: "Nothing is recorded yet",
  noneAbout: "Every session is recorded while it runs, and can be played here afterwards.",

  searchLabel: "Search in what was printed",
  searchFor: "Words that were printed",
  search: "Search",
  notFound: (text: string) => `No recording has all of “${text}”`,
  notFoundAbout: "Whole words are searched, in any order and case. A recording can be found seconds after its session ended. Desktops are pictures, and have no words.",
  lines: "Lines",
  noLines: "The words stand in lines apart, or far from its begin.",

  kind: "Kind",
  length: "Length",
  size: "Size",
  keptUntil: "Kept until",
  noEnd: "No end set",
  noEndAbout: "Its session runs, its zone keeps recordings for ever, or a legal hold stands",
  deletedAt: (time: string) => `Deleted ${time}: its zone kept it as long as it keeps recordings`,
  live: "Live",
  liveAbout: "The session is still running",
  incomplete: "Incomplete",
  incompleteAbout: "The rest of it is still at the site, and comes when the site has a connection",
  playOn: (target: string) => `Play the recording on ${target}`,
};

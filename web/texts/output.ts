/** What a shell printed: searched, its addresses opened, and where it has a gap. */
export const output = {
  search: "Search in the output",
  searchBroken: "The search could not be loaded",
  previous: "Previous match",
  previousKey: "Previous match (Shift+Enter)",
  next: "Next match",
  nextKey: "Next match (Enter)",
  closeSearch: "Close the search",
  closeSearchKey: "Close the search (Esc)",
  noMatch: "No match",
  matchesOrMore: (count: number) => `${count} or more`,
  match: (place: number, all: string) => `${place} of ${all}`,

  openLink: (address: string) => `Ctrl or Cmd and click opens ${address}`,
  divider: "The connection was gone here, and came back",
};

/** What more than one area says. */
export const common = {
  product: "OpenPAM",
  pageTitle: (page: string) => `${page} · OpenPAM`,

  actions: "Actions",
  cancel: "Cancel",
  close: "Close",
  closeKey: "Close (Esc)",
  dismiss: "Dismiss",
  save: "Save",
  tryAgain: "Try again",
  tryNow: "Try now",
  loading: "Loading",
  loadingMore: "Loading…",
  unlisted: (id: string) => `Id ${id}`,
  loadMore: "Load more",
  nothingMatches: (search: string) => `Nothing matches “${search}”`,
  clearSearch: "Clear the search",
  outOfDate: (failure: string) => `${failure} What you see may be out of date.`,

  copy: "Copy",
  copied: "Copied",
  copyOf: (what: string) => `Copy ${what}`,
  selected: "Selected: press Ctrl+C",

  unknownFailure: "Something went wrong.",
  hubAway: "The hub does not answer. Try again in a moment.",
  hubUnreachable: "The hub does not answer. Check the network, or wait until it is back.",
  hubAnswered: (status: number) => `The hub answered ${status}.`,
  failedRequest: (failure: string, id: string) => `${failure}: request ${id}`,
  notLoaded: "This could not be loaded. The hub may have been updated, or the network failed.",
  terminalNotLoaded: "The terminal could not be loaded. The hub may have been updated, or the network failed.",
};

/** What keeps a target from being opened here and now. */
export const obstacles = {
  unreachable: "Not reachable now",
  closed: "Not open now",
  shellsOnly: "Only shells can be opened here, no desktops",
  noCredential: "No credential is stored for this target. Ask an administrator to add one",
};

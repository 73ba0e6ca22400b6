/** What keeps a target from being opened here and now. */
export const obstacles = {
  unreachable: "Not reachable now",
  closed: "Not open now",
  otherProtocol: "This page cannot open targets of this protocol",
  noCredential: "No credential is stored for this target. Ask an administrator to add one",
};

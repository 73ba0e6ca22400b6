/** The command palette. */
export const palette = {
  open: "Go to…",
  everything: "Go to a target, session or page",
  anotherTarget: "Open another target",
  found: "Found",
  incomplete: "Not everything could be loaded.",
  kinds: { session: "Running session", target: "Target", page: "Page" },
  started: (ago: string) => `started ${ago}`,
};

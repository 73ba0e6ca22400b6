/** The steps in which a shell opens, and the hops on its way. */
export const opening = {
  label: "Steps",
  names: {
    policy: { now: "Checking what you may open", done: "Access granted" },
    credential: { now: "Fetching the credential", done: "Credential sealed for the site" },
    site: { now: "Asking the site", done: "Site accepted" },
    target: { now: "Signing in at the target", done: "Target signed in" },
  },
  hops: { hub: "Hub", site: "Site", target: "Target" },
};

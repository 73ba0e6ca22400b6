/** How sessions stand and ended, in lists: they need not be one's own. */
export const endings = {
  /** Why one is over. */
  reasons: {
    exited: "Its program or desktop ended",
    closed_by_user: "Closed by its user",
    terminated_by_admin: "Ended by an administrator",
    window_ended: "Access window over",
    longest_session: "Longest time reached",
    idle_limit: "Nothing was done",
    grace_expired: "Nobody came back to it",
    user_disabled: "User disabled",
    satellite_restarted: "Satellite restarted",
    session_gone: "Gone from its site",
    not_granted: "Grant taken away",
    site_forbids: "Forbidden by the site",
    outside_window: "No access window",
    session_limit: "Too many sessions",
    zone_offline: "Site offline",
    target_unreachable: "Target did not answer",
    credential_rejected: "Credential refused",
    host_key_changed: "Host key or certificate changed",
    policy_stale: "Policy too old",
    disk_full: "Site's disk full",
    license: "Licence",
    internal: "Something failed",
  } as Record<string, string>,

  /** How one stands in the books. */
  status: {
    active: { word: "Running", about: "It runs now." },
    completed: { word: "Completed", about: "Its user or its program ended it." },
    terminated: { word: "Terminated", about: "An administrator or a rule ended it." },
    failed: { word: "Failed", about: "It did not come about, or broke." },
  },
};

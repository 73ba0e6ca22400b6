/** Every way a shell can end or fail: what happened, and what to do next. */

interface Words {
  title: string;
  todo: string;
}

export const shellEnds = {
  said: {
    exited: { title: "The program ended", todo: "Open the target again for a new session." },
    closed_by_user: { title: "You ended this session", todo: "Its recording is under Recordings." },
    terminated_by_admin: { title: "An administrator ended this session", todo: "Ask them before you open it again." },
    window_ended: { title: "Your access window is over", todo: "Come back in the next window, or ask for another one." },
    longest_session: { title: "The longest session time is reached", todo: "Open the target again to go on." },
    idle_limit: { title: "Ended because nothing was typed", todo: "Open the target again to go on." },
    grace_expired: { title: "Ended while nobody was attached", todo: "The time it waits for you is over. Open the target again." },
    user_disabled: { title: "Your account was disabled", todo: "Ask an administrator." },
    satellite_restarted: { title: "The site's satellite restarts", todo: "No session there outlives that. Open the target again in a few minutes." },
    session_gone: { title: "This session is gone", todo: "The site does not have it any more. Open the target again." },
    taken_over: { title: "Opened somewhere else", todo: "It goes on there, for you alone. Take it back whenever you like." },
    signed_out: { title: "You are signed out", todo: "Sign in again to come back to this session." },
    not_granted: { title: "This target is not granted to you", todo: "Ask an administrator for a grant, or whose session this is." },
    site_forbids: { title: "The site forbids it", todo: "The satellite's own configuration excludes this target. Ask whoever runs the site." },
    outside_window: { title: "No access window is open now", todo: "Come back when your window opens." },
    session_limit: { title: "No further session is possible", todo: "End a session you do not need under Sessions, then try again." },
    zone_offline: { title: "The site is offline", todo: "Its satellite has no connection to the hub. It comes back by itself; try again in a moment." },
    target_unreachable: { title: "The target does not answer", todo: "Check that the machine is on and that its address and port are right." },
    credential_rejected: { title: "The target refused the credential", todo: "Its password or key has changed. Ask an administrator to renew the credential." },
    host_key_changed: { title: "The target shows another host key", todo: "It may be reinstalled, or somebody stands in between. Nothing was sent. Ask an administrator to check it." },
    policy_stale: { title: "The site's policy is too old", todo: "The site was away from the hub for too long to decide. Try again when it is back." },
    disk_full: { title: "The site's disk is full", todo: "Nothing can be recorded there, so nothing may be opened. Ask whoever runs the site." },
    license: { title: "The licence does not allow it", todo: "Ask an administrator." },
    internal: { title: "Something failed", todo: "Try again. If it stays, the logs of hub and satellite say why." },
    // What the page itself finds out.
    hub_unreachable: { title: "The hub does not answer", todo: "Check your network connection, then try again." },
    connection_refused: { title: "The hub refused the connection", todo: "A proxy in between may not let WebSockets through. Try again, or ask an administrator." },
    connection_lost: { title: "The connection to the hub was lost", todo: "It broke before the session stood. Try again." },
    protocol_error: { title: "Hub and page do not understand each other", todo: "Reload the page: it may be older than the hub." },
  } as Record<string, Words>,
  /** For an end that is newer than this page. */
  other: { title: "The session is over", todo: "Open the target again to go on." },
  bySignal: (signal: string) => `The program was ended by signal ${signal}`,
  withStatus: (status: number) => `The program ended with status ${status}`,

  /** The ends of a session that one only watched, where they read otherwise. */
  watched: {
    exited: { todo: "Its recording is under Recordings." },
    closed_by_user: { title: "Its user ended this session" },
    terminated_by_admin: { todo: "Its recording is under Recordings." },
    grace_expired: { title: "Ended while its user was away", todo: "Its recording is under Recordings." },
    user_disabled: { title: "Its user's account was disabled", todo: "Its recording is under Recordings." },
    not_granted: { title: "Its user's grant was taken away", todo: "Its recording is under Recordings." },
  } as Record<string, Partial<Words>>,
};

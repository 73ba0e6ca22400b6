/** What needs somebody about a satellite: in a few words, what it means and what to do. */
export const satelliteIssues = {
  attention: "Needs attention",
  quarantined: {
    short: "Two machines use its identity",
    more: "Its identity was used twice, as after a copied disk. Stop the copy, then release it; whichever machine renews next is it. If you do not know which one is the copy, revoke it.",
  },
  readmission: {
    short: "Asks to be let back in",
    more: (ago: string) => `It was away for too long, came back ${ago}, and waits. Let it back in if you know where it was; if not, revoke it.`,
  },
  certificate: {
    ends: (time: string) => `Certificate ends ${time}`,
    ranOut: (time: string) => `Certificate ran out ${time}`,
    online: "It should have renewed it long ago. Its log says why not; so does “openpam-satellite doctor” at the site.",
    away: "It renews it by itself as soon as it reaches the hub.",
  },
  clock: {
    short: (skew: string) => `Clock ${skew}`,
    more: "Certificates and access windows are judged by that clock. Have the site set it by NTP.",
  },
  disk: {
    full: "Disk full",
    nearlyFull: (left: string | null) => `Disk nearly full: ${left}`,
    more: "Sessions are recorded on that disk: when it is full, no more can be opened. Make room there.",
  },
  guacd: {
    away: "No desktops: guacd is away",
    offersNone: "No desktops: guacd can do neither RDP nor VNC",
    more: (address: string, why: string | null | undefined) => `Its targets of RDP and VNC cannot be opened: guacd at ${address}${why ? `: ${why}` : ""}. Install it there with libguac-client-rdp and libguac-client-vnc, start it, and set guacd in the satellite’s configuration to where it listens; “openpam-satellite doctor” says what it finds.`,
  },
  draining: {
    short: "About to be restarted",
    more: "Its program is about to be restarted: it takes no new sessions, and those that run were told. “openpam-satellite drain --cancel” at the site takes it back.",
  },
  refused: {
    short: "Refused its policy",
    more: (reason: string) => `The newest policy was refused: ${reason}. It goes on deciding by the one that it holds. Refusing is right where somebody tampers with it; its log and that of the hub say more.`,
  },
  behind: (versions: string) => `Policy ${versions}`,

  /** All satellites in one line. */
  counts: {
    undecided: (count: number) => `${count} ${count === 1 ? "needs" : "need"} your decision`,
    offline: (count: number) => `${count} offline`,
    warned: (count: number) => `${count} with a warning`,
    online: (count: number) => `${count} online`,
  },
};

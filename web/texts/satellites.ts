/** How a satellite stands, and what it measures. */
export const satellites = {
  states: { online: "Online", offline: "Offline", revoked: "Revoked", quarantined: "Quarantined" },
  stopped: "It has no tunnel to the hub, for longer than any grant there holds alone.",
  stateAbout: {
    online: "Its tunnel to the hub stands.",
    offline: "It has no tunnel to the hub. Its sessions go on at the site.",
    revoked: "It was revoked for good and cannot come back.",
    quarantined: "Set aside: nobody reaches its zone until it is released.",
  },

  noneLost: "none",
  percent: (size: number) => `${size} %`,
  lostTo: (percent: string) => `${percent} to it`,
  lostFrom: (percent: string) => `${percent} from it`,
  lost: (percent: string) => `${percent} lost`,
  inStep: "in step with the hub’s",
  ahead: (time: string) => `${time} ahead`,
  behind: (time: string) => `${time} behind`,

  free: (size: string) => `${size} free`,
  freeOf: (free: string, size: string) => `${free} free of ${size}`,
};

/** Join tokens: what lets a satellite join a zone. */
import type { ReactNode } from "react";

export const tokens = {
  label: "Join tokens",
  about: "A token lets one satellite join this zone, once, until it expires.",
  none: "No join tokens",
  noneAbout: "Create one when a satellite is to join, or to replace one that is gone.",

  states: {
    unused: { word: "Unused", about: "It can be used until it expires." },
    used: { word: "Used", about: "A satellite has joined with it; no other can." },
    expired: { word: "Expired", about: "Nobody used it in time." },
    revoked: { word: "Revoked", about: "It was revoked; nobody can join with it." },
  },
  expires: "Expires",
  used: "Used",
  id: "Id",

  revoke: "Revoke",
  revokeAsked: "Revoke this join token?",
  revoking: (zone: string) => `No satellite can join zone ${zone} with it any more. You can create another one at any time.`,
  isRevoked: "The join token is revoked.",

  create: "Create join token",
  createAbout: (zone: string) => `For one satellite of zone ${zone}.`,
  act: "Create token",
  lifetime: "Lifetime",
  lifetimeHint: "Take the shortest that does: whoever has the token can join.",
  minutes: (count: number) => `${count} minutes`,
  hours: (count: number) => (count === 1 ? "1 hour" : `${count} hours`),
  days: (count: number) => (count === 1 ? "1 day" : `${count} days`),
  hasSatellite: "This zone has a satellite. Another one can join only after that one is revoked.",

  join: (zone: string) => `Join a satellite to zone ${zone}`,
  joinAbout: "Run this on a machine at the site. The token is shown only now: copy it before you close this.",
  joinCommand: "Join command",
  startCommand: "Start command",
  waiting: (expires: ReactNode) => <>Waiting for the satellite. The token expires {expires}.</>,
  joined: "The satellite has joined. Start it with the second command.",
  online: "The satellite has joined and is online.",
  expired: "The token has expired. Create another one.",
  revoked: "The token was revoked. Create another one.",
  done: "Done",
};

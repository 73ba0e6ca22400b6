/** Sessions and events as the audit has them: in a row, and all about one. */
import type { ReactNode } from "react";

export const audit = {
  noSessionsYet: "No sessions yet",
  noEventsYet: "Nothing has happened yet",

  reason: "Reason",
  traffic: "Typed / printed",
  noRecording: "No recording has arrived",
  noRecordingYet: "Nothing of the recording has arrived yet",
  playOf: (user: string, target: string) => `Play the recording of ${user} on ${target}`,

  one: (user: string, target: string) => `${user} on ${target}`,
  ended: "Ended",
  running: "Running",
  duration: "Duration",
  fromAddress: "From address",
  targetInZone: (target: ReactNode, zone: string) => <>{target}{`, zone ${zone}`}</>,
  typed: "Typed",
  printed: "Printed",
  sessionId: "Session id",

  when: "When",
  what: "What",
  toldBy: "Told by",
  hub: "Hub",
  satelliteIn: (satellite: string, zone: string) => `${satellite} in ${zone}`,
  itsZone: "its zone",
  happened: "Happened",
  writtenDown: "Written down",
  session: "Session",
  inChain: (teller: string, number: number) => `${teller}, number ${number} of its chain`,
  details: "Details",
};

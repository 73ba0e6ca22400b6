/** Ending all sessions of somebody or in a zone, and what became of them. */

const counted = (count: number) => (count === 1 ? "1 session" : `${count} sessions`);
const goOn = (count: number) => `${counted(count)} at a site that does not answer ${count === 1 ? "goes" : "go"} on.`;

export const endingAll = {
  act: "End all",
  label: "End all sessions…",
  noneRan: "No session was running.",
  all: (count: number) => `${counted(count)} ${count === 1 ? "is" : "are"} ended.`,
  some: (count: number, unreachable: number) => `${counted(count)} ${count === 1 ? "is" : "are"} ended; ${goOn(unreachable)}`,
  none: (unreachable: number) => `No session could be ended; ${goOn(unreachable)}`,
};

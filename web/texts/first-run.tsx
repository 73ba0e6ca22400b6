/** The first run: from nothing to the first shell. */
import type { ReactNode } from "react";

export const firstRun = {
  title: "Three steps to the first shell",
  about: "After that, everything can be changed under Administration.",
  done: " (done)",

  site: "Name a site",
  siteAbout: "A zone is a place with machines: a plant, a branch, a server room.",
  siteDone: (zone: ReactNode) => <>Zone {zone}.</>,

  satellite: "Join its satellite",
  satelliteAbout: "One program on a machine there opens and records the sessions. It dials out to this hub and needs no open port.",
  satelliteJoined: "It has joined. Start it at the site: openpam-satellite run.",
  satelliteOnline: "It is there and connected.",

  machine: "Add the first machine",
  machineAbout: "Its address as the site knows it, and an account there. You are the first who may open it.",
  addMachine: "Add a machine",
  machineIn: (zone: string) => `In zone ${zone}, reached over SSH. The secret goes into the sealed store and is never shown again.`,
  add: "Add machine",
  added: (target: string) => `${target} is ready to be opened.`,
};

// What the demo says. Progress goes to standard error, a line at a time; standard output carries the ready line
// alone, so that a script can wait for it. No colour, no cursor movement.

import { closeSync, openSync, fstatSync, readSync, writeSync } from "node:fs";

/** What stopped the demo, in one line that names the remedy; `log` is a file whose end explains it. */
export class Failure extends Error {
  constructor(message, log = null) {
    super(message);
    this.log = log;
  }
}

/** Writes one whole line to a file descriptor, whatever became of its reader. */
function line(descriptor, text) {
  try {
    writeSync(descriptor, `${text}\n`);
  } catch {
    // A closed pipe or a full one: the demo goes on without its audience.
  }
}

export const say = (text) => line(2, `demo: ${text}`);

export const sayReady = (url, user, password) => line(1, `ready ${url} user=${user} password=${password}`);

/** The last lines of a log file, at most 8 KiB of them. */
export function tail(file, lines = 15) {
  let descriptor;
  try {
    descriptor = openSync(file, "r");
    const size = fstatSync(descriptor).size;
    const length = Math.min(size, 8192);
    const buffer = Buffer.alloc(length);
    readSync(descriptor, buffer, 0, length, size - length);
    return buffer.toString("utf8").trimEnd().split("\n").slice(-lines);
  } catch {
    return [];
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** One line for the failure, after the end of its log. */
export function sayFailure(error) {
  if (!(error instanceof Failure)) {
    say(`this should not happen: ${error?.stack ?? error}`);
    return;
  }
  if (error.log) {
    say(`the last lines of ${error.log}:`);
    for (const text of tail(error.log)) line(2, `  ${text}`);
  }
  say(error.message);
}

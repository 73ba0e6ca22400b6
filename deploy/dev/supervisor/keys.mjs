// Single keys, without Enter, where standard input is a terminal that listens to us.

import { readFileSync } from "node:fs";

const CTRL_C = "\u0003";

/** Whether the terminal's job control would stop us for reading it: its foreground is another group. */
function inBackground() {
  // After the name, which may hold anything: state, parent, group, session, terminal, the terminal's foreground group.
  const [, , group, , terminal, foreground] = readFileSync("/proc/self/stat", "latin1").replace(/^.*\) /s, "").split(" ");
  return terminal !== "0" && group !== foreground;
}

/** Calls `actions[key]` at each key; Ctrl-C, which is a key like any other then, is `actions.stop`. Whether it reads. */
export function readKeys(input, actions) {
  if (!input.isTTY || inBackground()) return false;
  input.setRawMode(true);
  input.setEncoding("utf8");
  input.on("data", (text) => {
    for (const key of text) (key === CTRL_C ? actions.stop : actions[key])?.();
  });
  // A terminal that is gone gives no keys; the demo goes on.
  input.on("error", () => {});
  return true;
}

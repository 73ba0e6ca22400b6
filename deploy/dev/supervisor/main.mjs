// `make demo`: signals and exit status. The demo itself is demo.mjs.

import { Demo } from "./demo.mjs";
import { readKeys } from "./keys.mjs";
import { places } from "./places.mjs";
import { say, sayFailure } from "./say.mjs";

const INTERRUPTED = 130;

const stopping = new AbortController();
let asked = 0;
let wake;
const stopAsked = new Promise((resolve) => (wake = resolve));
let demo = null;

function stop() {
  asked += 1;
  if (asked === 1) say("stops everything");
  // Asked again: no more patience.
  if (asked === 2) demo?.stop(true).finally(() => process.exit(INTERRUPTED));
  stopping.abort();
  wake();
}
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, stop);

let status = 0;
try {
  demo = new Demo(places(), stopping.signal);
  await demo.start();
  const keys = { c: () => demo.cutLine(), r: () => demo.restoreLine(), k: () => demo.killHub(), stop };
  if (readKeys(process.stdin, keys)) say(`keys: ${demo.keys}, Ctrl-C stops everything`);
  // The supervisor's own timers do not keep it alive, so this does.
  const awake = setInterval(() => {}, 1 << 30);
  await stopAsked;
  clearInterval(awake);
} catch (error) {
  if (asked > 0) {
    status = INTERRUPTED;
  } else {
    sayFailure(error);
    status = 1;
  }
}
await demo?.stop(asked > 1);
if (asked > 0) say("stopped");
process.exit(status);

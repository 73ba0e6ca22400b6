// `make demo`: signals and exit status. The demo itself is demo.mjs.
// Standard input is left alone: single keys for the running demo will be read here.

import { Demo } from "./demo.mjs";
import { places } from "./places.mjs";
import { say, sayFailure } from "./say.mjs";

const INTERRUPTED = 130;

const stopping = new AbortController();
let asked = 0;
let wake;
const stopAsked = new Promise((resolve) => (wake = resolve));
let demo = null;

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(name, () => {
    asked += 1;
    if (asked === 1) say("stops everything");
    // Asked again: no more patience.
    if (asked === 2) demo?.stop(true).finally(() => process.exit(INTERRUPTED));
    stopping.abort();
    wake();
  });
}

let status = 0;
try {
  demo = new Demo(places(), stopping.signal);
  await demo.start();
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

// A way in steps that build on each other, in the order of the file; after one that failed the rest is skipped.

import { test } from "node:test";

import { shootFailure } from "./shots.mjs";

/** Where steps are told; `context` gives the browser's windows, for pictures of what stood there when one failed. */
export function steps(context) {
  let failed = false;
  return (name, act) =>
    test(name, async (told) => {
      if (failed) return told.skip("an earlier step failed");
      failed = true;
      try {
        await act(told);
        failed = false;
      } catch (error) {
        await shootFailure(context(), told);
        throw error;
      }
    });
}

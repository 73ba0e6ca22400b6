import { expect, it } from "vitest";
import type { AttachView } from "./machine";
import { NEW_LOOK, tabState, tabWords } from "./tab-look";

const LOST = { heldUntil: null } as unknown as AttachView["linkLost"];

it.each([
  [null, "connecting"],
  [{ phase: "connecting", linkLost: null }, "connecting"],
  [{ phase: "open", linkLost: null }, "live"],
  [{ phase: "open", linkLost: LOST }, "reconnecting"],
  [{ phase: "reconnecting", linkLost: null }, "reconnecting"],
  [{ phase: "over", linkLost: LOST }, "ended"],
] as const)("of %o: %s", (view, state) => {
  expect(tabState(view)).toBe(state);
});

it("what was not seen yet is said too", () => {
  expect(tabWords({ ...NEW_LOOK, state: "live" })).toBe("live");
  expect(tabWords({ ...NEW_LOOK, state: "ended", unseen: true })).toBe("ended, new output");
});

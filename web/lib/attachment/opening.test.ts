import { expect, it } from "vitest";
import { Rig } from "@/lib/shell/rig";
import { Opening } from "./opening";

it("measures once, from the wish to the first sight", () => {
  const opening = new Opening(1000);
  const rig = new Rig();
  rig.start().open();
  expect(opening.seen(rig.view, 1400)).toBeNull();
  rig.say({ type: "opened", session_id: "s1", mode: "own", output_offset: 0, output_end: 0, input_offset: 0, cols: 80, rows: 24 });
  expect(opening.seen(rig.view, 1640.4)).toEqual({ traceparent: opening.traceparent, duration_ms: 640, opened: true, session_id: "s1" });
  expect(opening.seen(rig.view, 2000)).toBeNull();
});

it("says, too, that there is no shell", () => {
  const opening = new Opening(0);
  const rig = new Rig();
  rig.start().open().closed("target_unreachable", true);
  expect(opening.seen(rig.view, 250)).toEqual({ traceparent: opening.traceparent, duration_ms: 250, opened: false, session_id: null });
});

it("has a trace of its own, as W3C writes it", () => {
  const [one, other] = [new Opening(0), new Opening(0)];
  expect(one.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(one.traceparent).not.toBe(other.traceparent);
});

import { describe, expect, it } from "vitest";
import { ATTACH_TIMEOUT_MS, MAX_BACKOFF_MS, MAX_BROKEN, SILENCE_MS } from "@/lib/attachment/machine";
import { OPENED, Rig } from "./rig";

describe("coming back after a drop", () => {
  it("waits longer and longer, then attaches with the offset it has", () => {
    const rig = new Rig().attached().output(0, "abc").drop();
    const first = rig.timerSet("retry") ?? 0;
    expect(rig.view).toMatchObject({ phase: "reconnecting", waitingFor: null });
    rig.effects = [];
    expect(rig.timer("retry").take("connect")).toMatchObject([{ session: "s1", offset: 3 }]);
    rig.open().drop();
    expect(rig.timerSet("retry")).toBeGreaterThan(first);
    for (let tries = 0; tries < 20; tries += 1) rig.timer("retry").open().drop();
    expect(rig.timerSet("retry")).toBeLessThanOrEqual(MAX_BACKOFF_MS * 1.25);
  });

  it("goes on with new bytes, whose questions the terminal may answer", () => {
    const rig = new Rig().attached().output(0, "abc").drop().timer("retry").open();
    rig.effects = [];
    rig.say({ ...OPENED, output_offset: 3, output_end: 9 });
    expect(rig.has("replayed")).toBe(false);
    expect(rig.output(3, "def").written()).toEqual([["def", false]]);
    expect(rig.view.phase).toBe("open");
  });

  it("does not wait when the network is back, unless it is attached", () => {
    const rig = new Rig().attached().drop();
    rig.effects = [];
    expect(rig.do({ type: "retry_now" }).has("connect")).toBe(true);
    rig.open().say(OPENED);
    rig.effects = [];
    expect(rig.do({ type: "retry_now" }).has("connect")).toBe(false);
  });

  it("tries an attachment that hangs anew after a while", () => {
    const rig = new Rig().attached().drop();
    rig.effects = [];
    rig.timer("retry");
    expect(rig.timerSet("retry")).toBe(ATTACH_TIMEOUT_MS);
    rig.effects = [];
    expect(rig.timer("retry").has("connect")).toBe(true);
  });

  it("takes the screen where the ring no longer reaches back", () => {
    const rig = new Rig().attached().output(0, "abc").drop().timer("retry").open();
    rig.effects = [];
    rig.say({ ...OPENED, output_offset: 50, output_end: 60 });
    rig.say({ type: "notice", code: "output_gap", message: "some output is not shown", from: 3, to: 50 });
    rig.say({ type: "screen", cols: 80, rows: 24, data: "now" });
    expect(rig.view.notice?.code).toBe("output_gap");
    expect(rig.take("screen")).toMatchObject([{ data: "now" }]);
    expect(rig.output(50, "x").written()).toEqual([["x", false]]);
  });

  it("stops when the connection is silent, though the browser calls it open", () => {
    const rig = new Rig().attached();
    rig.timer("ping");
    rig.now = SILENCE_MS + 1;
    expect(rig.timer("ping").has("disconnect")).toBe(true);
    expect(rig.view.phase).toBe("reconnecting");
  });
});

describe("a reload", () => {
  it("attaches without an offset: screen first, then the ring as old bytes, then new ones", () => {
    const rig = new Rig().start("s1");
    expect(rig.take("connect")).toMatchObject([{ session: "s1", offset: null }]);
    rig.open().say({ ...OPENED, output_offset: 100, output_end: 106 });
    expect(rig.has("replayed")).toBe(false);
    rig.say({ type: "screen", cols: 90, rows: 30, data: "seen" });
    expect(rig.has("replayed")).toBe(false);
    expect(rig.take("screen")).toEqual([{ type: "screen", cols: 90, rows: 30, data: "seen" }]);
    rig.output(100, "abcd").output(104, "efGH");
    expect(rig.has("replayed")).toBe(true);
    expect(rig.written()).toEqual([["abcd", true], ["ef", true], ["GH", false]]);
  });

  it("of a session without anything in the ring is complete with its screen", () => {
    const rig = new Rig().start("s1").open().say({ ...OPENED, output_offset: 7, output_end: 7 });
    rig.effects = [];
    rig.say({ type: "screen", cols: 80, rows: 24, data: "" });
    expect(rig.has("replayed")).toBe(true);
  });

  it("into a session that ended meanwhile says how it ended", () => {
    const rig = new Rig().start("s1").open().closed("grace_expired", true);
    expect(rig.view).toMatchObject({ phase: "over", opened: false, closed: { code: "grace_expired" } });
  });
});

describe("an offset that the site does not have", () => {
  it("is tried once more, then without anything assumed", () => {
    const rig = new Rig().attached().output(0, "abc").closed("bad_offset", false);
    rig.effects = [];
    expect(rig.timer("retry").take("connect")).toMatchObject([{ offset: 3 }]);
    rig.open().closed("bad_offset", false);
    rig.effects = [];
    expect(rig.timer("retry").take("connect")).toMatchObject([{ offset: null }]);
  });

  it("is not tried for ever", () => {
    const rig = new Rig().attached();
    for (let tries = 0; tries <= MAX_BROKEN; tries += 1) rig.closed("bad_offset", false).timer("retry").open();
    expect(rig.view).toMatchObject({ phase: "over", closed: { code: "protocol_error", ended: false } });
  });
});

import { describe, expect, it } from "vitest";
import { Rig } from "./rig";

const WATCHING = { mode: "watch", output_offset: 100, output_end: 300, cols: 132, rows: 43 };
const watched = (watchers: string[], code = "watched") => ({ type: "notice", code, message: "m", by: "ada", watchers });

describe("watching somebody's session", () => {
  it("shows it at the size that the session has", () => {
    const rig = new Rig().start("s1").open().say({ type: "opened", session_id: "s1", input_offset: 0, ...WATCHING });
    expect(rig.view).toMatchObject({ phase: "open", mode: "watch" });
    expect(rig.take("size")).toEqual([{ type: "size", cols: 132, rows: 43 }]);
    expect(rig.say({ type: "resized", cols: 90, rows: 20 }).take("size")).toEqual([{ type: "size", cols: 90, rows: 20 }]);
  });

  it("sends nothing that is typed, no size and no end", () => {
    const rig = new Rig().start("s1").open().type("early").say({ type: "opened", session_id: "s1", input_offset: 0, ...WATCHING });
    rig.type("late").do({ type: "resized", cols: 20, rows: 5 }).do({ type: "end" });
    expect(rig.typed()).toEqual([]);
    expect(rig.has("send_text")).toBe(false);
    expect(rig.view.unconfirmed).toBe(0);
  });

  it("goes on after a gap where it fell behind, and acknowledges from there", () => {
    const rig = new Rig().attached(WATCHING, "s1").output(100, "seen");
    rig.say({ type: "notice", code: "output_gap", message: "m", from: 104, to: 5000 });
    rig.say({ type: "screen", cols: 132, rows: 43, data: "new" });
    expect(rig.take("screen")).toHaveLength(1);
    expect(rig.output(5000, "on").written().map(([text]) => text)).toEqual(["on"]);
    rig.do({ type: "consumed", offset: 5002 });
    expect(rig.timer("ack").sent()).toEqual([{ type: "ack", output_offset: 5002 }]);
    expect(rig.drop().timer("retry").take("connect")[0]).toMatchObject({ session: "s1", offset: 5002 });
  });
});

describe("being watched", () => {
  it("is known for as long as somebody watches", () => {
    const rig = new Rig().attached();
    expect(rig.say(watched(["ada"])).view.watchers).toEqual(["ada"]);
    expect(rig.say(watched(["ada", "grace"])).view.watchers).toEqual(["ada", "grace"]);
    expect(rig.say(watched(["grace"], "unwatched")).view.watchers).toEqual(["grace"]);
    expect(rig.say(watched([], "unwatched")).view.watchers).toEqual([]);
  });

  it("is said again by the site when its line is back", () => {
    const rig = new Rig().attached().say(watched(["ada"]));
    rig.say({ type: "notice", code: "link_lost", message: "m", held_until: "2026-11-26T12:00:00Z" });
    expect(rig.say({ type: "notice", code: "link_restored", message: "m" }).view.watchers).toEqual([]);
    expect(rig.say(watched(["ada"])).view.watchers).toEqual(["ada"]);
  });
});

import { describe, expect, it } from "vitest";
import { FIRST_PING_MS, PING_EVERY_MS } from "@/lib/attachment/machine";
import { MAX_QUEUED_BYTES } from "./input-queue";
import { ACK_BYTES, ACK_DELAY_MS, STALL_MS } from "./machine";
import { OPENED, Rig } from "./rig";

describe("opening a shell", () => {
  it("asks for a new session with the terminal's size", () => {
    expect(new Rig().start().take("connect")).toEqual([{ type: "connect", session: null, offset: null, cols: 80, rows: 24 }]);
  });

  it("shows the steps as the hub tells them", () => {
    const rig = new Rig().start().open();
    rig.say({ type: "step", name: "policy", elapsed_ms: 3 }).say({ type: "step", name: "credential", elapsed_ms: 20 });
    expect(rig.view.steps).toEqual([{ name: "policy", elapsedMs: 3 }, { name: "credential", elapsedMs: 20 }]);
    expect(rig.view.phase).toBe("connecting");
  });

  it("is open with the session's id, and measures the way once the screen is drawn", () => {
    const rig = new Rig().start().open().say(OPENED);
    expect(rig.view).toMatchObject({ phase: "open", opened: true, sessionId: "s1", mode: "own" });
    expect(rig.timerSet("ping")).toBe(FIRST_PING_MS);
    rig.now = FIRST_PING_MS;
    expect(rig.timer("ping").sent()).toEqual([{ type: "ping", t: FIRST_PING_MS }]);
    expect(rig.timer("ping").timerSet("ping")).toBe(PING_EVERY_MS);
  });

  it("tells the terminal at once that a new session has nothing old", () => {
    const rig = new Rig().start().open().say(OPENED);
    expect(rig.has("replayed")).toBe(true);
    expect(rig.output(0, "hi").written()).toEqual([["hi", false]]);
  });

  it("sends what was typed before it was open", () => {
    const rig = new Rig().start().open().type("ls\r");
    expect(rig.typed()).toEqual([]);
    expect(rig.say({ ...OPENED, input_offset: 0 }).typed()).toEqual([[0, "ls\r"]]);
  });

  it("corrects the size that the session has", () => {
    const rig = new Rig().start().open().say({ ...OPENED, cols: 100 });
    expect(rig.sent()).toContainEqual({ type: "resize", cols: 80, rows: 24 });
  });

  it("that fails says why and does not try again", () => {
    const rig = new Rig().start().open().closed("target_unreachable", true, { hop: "target", message: "no route" });
    expect(rig.view).toMatchObject({ phase: "over", opened: false, closed: { code: "target_unreachable", hop: "target", message: "no route" } });
    expect(rig.has("disconnect")).toBe(true);
    rig.effects = [];
    expect(rig.drop().has("connect")).toBe(false);
  });

  it("that drops before the session stood is over: nobody knows whether there is one", () => {
    const rig = new Rig().start().open().drop();
    expect(rig.view).toMatchObject({ phase: "over", closed: { code: "connection_lost", ended: true } });
  });
});

describe("a WebSocket that never opens", () => {
  it("asks whether one is signed in still", () => {
    expect(new Rig().start().drop().has("check_sign_in")).toBe(true);
  });

  it("leads to the sign-in when one is not", () => {
    const rig = new Rig().start().drop().do({ type: "sign_in", state: "signed_out" });
    expect(rig.has("sign_in_again")).toBe(true);
    expect(rig.view.closed?.code).toBe("signed_out");
  });

  it.each([["signed_in", "connection_refused"], ["unreachable", "hub_unreachable"]] as const)("is over for a new session: %s", (state, code) => {
    expect(new Rig().start().drop().do({ type: "sign_in", state }).view.closed?.code).toBe(code);
  });

  it("is tried again for a session that is known", () => {
    const rig = new Rig().start("s1").drop().do({ type: "sign_in", state: "unreachable" });
    expect(rig.view.phase).toBe("reconnecting");
    rig.effects = [];
    expect(rig.timer("retry").take("connect")).toMatchObject([{ session: "s1", offset: null }]);
  });
});

describe("output", () => {
  it("goes to the terminal once, in order", () => {
    const rig = new Rig().attached();
    expect(rig.output(0, "abc").output(3, "def").written()).toEqual([["abc", false], ["def", false]]);
  });

  it("that is there already is left out, wholly or in part", () => {
    const rig = new Rig().attached().output(0, "abcdef");
    rig.effects = [];
    expect(rig.output(0, "abc").written()).toEqual([]);
    expect(rig.output(4, "efgh").written()).toEqual([["gh", false]]);
  });

  it("with a gap breaks the contract: attaches anew from the last good byte", () => {
    const rig = new Rig().attached().output(0, "abc").output(7, "x");
    expect(rig.has("disconnect")).toBe(true);
    expect(rig.view.phase).toBe("reconnecting");
    rig.effects = [];
    expect(rig.timer("retry").take("connect")).toMatchObject([{ session: "s1", offset: 3 }]);
  });

  it("before the attachment stands breaks the contract", () => {
    expect(new Rig().start("s1").open().output(0, "x").view.phase).toBe("reconnecting");
  });

  it("is acknowledged a moment after the terminal read it, together", () => {
    const rig = new Rig().attached().output(0, "abc");
    rig.do({ type: "consumed", offset: 2 });
    expect(rig.timerSet("ack")).toBe(ACK_DELAY_MS);
    rig.do({ type: "consumed", offset: 3 });
    expect(rig.timer("ack").sent()).toEqual([{ type: "ack", output_offset: 3 }]);
    expect(rig.timer("ack").sent()).toEqual([]);
  });

  it("is acknowledged at once when it is much", () => {
    const rig = new Rig().attached().do({ type: "consumed", offset: ACK_BYTES });
    expect(rig.sent()).toEqual([{ type: "ack", output_offset: ACK_BYTES }]);
  });

  it("is not acknowledged before the terminal read it", () => {
    const rig = new Rig().attached().output(0, "abc");
    expect(rig.timerSet("ack")).toBeUndefined();
    expect(rig.sent()).toEqual([]);
  });
});

describe("input", () => {
  it("is sent with its place in the stream and forgotten once acknowledged", () => {
    const rig = new Rig().attached({ input_offset: 10 });
    expect(rig.type("ab").typed()).toEqual([[10, "ab"]]);
    rig.say({ type: "ack", input_offset: 12 });
    rig.drop().timer("retry").open().say({ ...OPENED, input_offset: 12 });
    expect(rig.typed()).toEqual([]);
  });

  it("that was not acknowledged goes again from where the site stands", () => {
    const rig = new Rig().attached().type("abcdef").drop();
    rig.effects = [];
    rig.type("g").timer("retry").open().say({ ...OPENED, input_offset: 4 });
    expect(rig.typed()).toEqual([[4, "efg"]]);
  });

  it("that does not fit is refused whole, and said so until there is room", () => {
    const rig = new Rig().attached().do({ type: "typed", bytes: new Uint8Array(MAX_QUEUED_BYTES) }).type("x");
    expect(rig.view.inputFull).toBe(true);
    rig.say({ type: "ack", input_offset: 1000 });
    expect(rig.view.inputFull).toBe(false);
  });

  it("acknowledged beyond what was sent breaks the contract", () => {
    expect(new Rig().attached().say({ type: "ack", input_offset: 5 }).view.phase).toBe("reconnecting");
  });
});

describe("how an attachment ends", () => {
  it("after the last byte, with status and reason", () => {
    const rig = new Rig().attached().output(0, "bye").do({ type: "consumed", offset: 3 });
    rig.closed("exited", true, { hop: "target", exit_status: 3 });
    expect(rig.view).toMatchObject({ phase: "over", closed: { code: "exited", exitStatus: 3, ended: true } });
    const [ack] = rig.sent();
    expect(ack).toEqual({ type: "ack", output_offset: 3 });
    expect(rig.drop().has("connect")).toBe(false);
  });

  it("taken over: the session goes on elsewhere, and this page does not take it back by itself", () => {
    const rig = new Rig().attached().type("x").closed("taken_over", false);
    expect(rig.view).toMatchObject({ phase: "over", closed: { code: "taken_over", ended: false } });
    expect(rig.timerSet("retry")).toBeUndefined();
  });

  it("with the site away it tries again and says what it waits for", () => {
    const rig = new Rig().attached().closed("zone_offline", false);
    expect(rig.view).toMatchObject({ phase: "reconnecting", waitingFor: { code: "zone_offline" } });
    expect(rig.timerSet("retry")).toBeGreaterThan(0);
    rig.timer("retry").open().say(OPENED);
    expect(rig.view).toMatchObject({ phase: "open", waitingFor: null });
  });

  it("signed out: leads to the sign-in", () => {
    const rig = new Rig().attached().closed("signed_out", false);
    expect(rig.has("sign_in_again")).toBe(true);
    expect(rig.view.phase).toBe("over");
  });

  it("by the person: asks the hub, and again after a drop", () => {
    const rig = new Rig().attached().do({ type: "end" });
    expect(rig.sent()).toEqual([{ type: "close" }]);
    rig.drop().timer("retry").open();
    rig.effects = [];
    expect(rig.say(OPENED).sent()).toContainEqual({ type: "close" });
  });

  it("by the person before there is a session: gives up", () => {
    const rig = new Rig().start().open().do({ type: "end" });
    expect(rig.view).toMatchObject({ phase: "over", closed: { code: "closed_by_user" } });
    expect(rig.has("disconnect")).toBe(true);
  });
});

describe("notices and measurements", () => {
  it("a lost line to the site is shown until it is back", () => {
    const rig = new Rig().attached().say({ type: "notice", code: "link_lost", message: "", held_until: "2026-01-01T00:00:00Z" });
    expect(rig.view.linkLost).toEqual({ heldUntil: "2026-01-01T00:00:00Z" });
    expect(rig.view.phase).toBe("open");
    expect(rig.say({ type: "notice", code: "link_restored", message: "" }).view.linkLost).toBeNull();
    expect(rig.take("divider")).toHaveLength(1);
  });

  it("what is typed while the line is lost is sent, and counted until the target has it", () => {
    const rig = new Rig().attached().type("ls");
    expect(rig.view.unconfirmed).toBe(0);
    rig.say({ type: "notice", code: "link_lost", message: "" }).type("\r");
    expect(rig.typed()).toEqual([[0, "ls"], [2, "\r"]]);
    expect(rig.view.unconfirmed).toBe(3);
    expect(rig.say({ type: "ack", input_offset: 2 }).view.unconfirmed).toBe(1);
    rig.say({ type: "notice", code: "link_restored", message: "" });
    expect(rig.view.unconfirmed).toBe(0);
  });

  it("what waits for long is counted although nobody said that the line is lost", () => {
    const rig = new Rig().attached().type("abc");
    rig.now = STALL_MS - 1;
    expect(rig.timer("ping").view.unconfirmed).toBe(0);
    rig.now = STALL_MS;
    expect(rig.timer("ping").view.unconfirmed).toBe(3);
    expect(rig.say({ type: "ack", input_offset: 3 }).view.unconfirmed).toBe(0);
  });

  it("the round trip leaves out the hub's own time", () => {
    const rig = new Rig().attached();
    rig.now = 30;
    rig.say({ type: "pong", t: 5, hub_ms: 2, site_ms: 40 });
    expect(rig.view.latency).toEqual({ hubMs: 23, siteMs: 40 });
  });

  it("a key and its acknowledgement leave the same view", () => {
    const rig = new Rig().attached();
    const { view } = rig;
    rig.type("x").say({ type: "ack", input_offset: 1 });
    expect(rig.view).toBe(view);
  });

  it("a text is agreed to before the session opens, and asked again with another attempt", () => {
    const rig = new Rig().start().open().say({ type: "notice", code: "consent", message: "Be careful." });
    expect(rig.view).toMatchObject({ phase: "connecting", consent: "Be careful." });
    rig.effects = [];
    expect(rig.do({ type: "agree" }).view.consent).toBeNull();
    expect(rig.sent()).toEqual([{ type: "agree" }]);
    expect(rig.do({ type: "agree" }).sent()).toEqual([]);
  });

  it("an end that comes near is told, and what is typed puts the idle one off", () => {
    const rig = new Rig().attached();
    rig.now = 5_000;
    const soon = { type: "notice", code: "ends_soon", message: "", left_s: 60 };
    expect(rig.say({ ...soon, end_code: "longest_session" }).view.ends).toEqual({ code: "longest_session", at: 65_000 });
    expect(rig.type("x").view.ends).not.toBeNull();
    expect(rig.say({ ...soon, end_code: "idle_limit" }).view.ends?.code).toBe("idle_limit");
    expect(rig.type("x").view.ends).toBeNull();
    expect(rig.say({ ...soon, message: "the satellite restarts" }).view).toMatchObject({ ends: null, notice: { code: "ends_soon" } });
  });

  it("a new size is told once", () => {
    const rig = new Rig().attached().do({ type: "resized", cols: 100, rows: 30 }).do({ type: "resized", cols: 100, rows: 30 });
    expect(rig.sent()).toEqual([{ type: "resize", cols: 100, rows: 30 }]);
  });

  it("a malformed message breaks the contract, an unknown one does not", () => {
    expect(new Rig().attached().say({ type: "later" }).view.phase).toBe("open");
    expect(new Rig().attached().do({ type: "text", data: "{" }).view.phase).toBe("reconnecting");
  });

  it("a watcher neither resizes nor is asked to", () => {
    const rig = new Rig().start("s1").open();
    rig.effects = [];
    rig.say({ ...OPENED, mode: "watch", cols: 120 }).do({ type: "resized", cols: 90, rows: 20 });
    expect(rig.sent()).toEqual([]);
  });
});

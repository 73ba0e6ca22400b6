import { describe, expect, it } from "vitest";
import { FIRST_PING_MS, SILENCE_MS } from "@/lib/attachment/machine";
import { InstructionParser } from "./instructions";
import { DesktopMachine, NOTHING_PASSES, type DesktopEvent, type Effect } from "./machine";
import { encodeSay, readInternal } from "./wire";

type Of<T extends Effect["type"]> = Extract<Effect, { type: T }>;

const ALL = { copy: true, paste: true, upload: true, download: true };
const OPENED = { session_id: "s1", mode: "own", width: 1280, height: 800, transfer: ALL };

class Rig {
  readonly machine = new DesktopMachine(() => 0.5);
  now = 0;
  effects: Effect[] = [];

  get view() {
    return this.machine.view;
  }

  do(event: DesktopEvent): this {
    this.effects.push(...this.machine.handle(event, this.now));
    return this;
  }

  say(type: string, json: Record<string, unknown>): this {
    const message = readInternal(["", type, JSON.stringify(json)]);
    return message ? this.do({ type: "message", message }) : this;
  }

  start(session: string | null = null): this {
    return this.do({ type: "start", session }).do({ type: "socket_open" });
  }

  attached(more: Record<string, unknown> = {}): this {
    return this.start().say("opened", { ...OPENED, ...more });
  }

  take<T extends Effect["type"]>(type: T): Of<T>[] {
    const found = this.effects.filter((effect): effect is Of<T> => effect.type === type);
    this.effects = [];
    return found;
  }
}

describe("a desktop", () => {
  it("opens step by step, and says what policy lets pass", () => {
    const rig = new Rig().start().say("step", { name: "policy", elapsed_ms: 4 });
    expect(rig.view).toMatchObject({ phase: "connecting", steps: [{ name: "policy", elapsedMs: 4 }], transfer: NOTHING_PASSES });
    rig.say("opened", { ...OPENED, transfer: { copy: true, paste: "yes" } });
    expect(rig.view).toMatchObject({ phase: "open", sessionId: "s1", transfer: { copy: true, paste: false, upload: false, download: false } });
    expect(rig.take("stands")).toEqual([{ type: "stands", width: 1280, height: 800 }]);
  });

  it("begins each attachment, and each picture, with nothing drawn", () => {
    const rig = new Rig().attached();
    expect(rig.take("picture")).toHaveLength(1);
    expect(rig.say("picture", {}).take("picture")).toHaveLength(1);
  });

  it("takes no input before it stands, while the line is lost, or for who watches", () => {
    const rig = new Rig().start();
    expect(rig.machine.takesInput).toBe(false);
    rig.say("opened", OPENED);
    expect(rig.machine.takesInput).toBe(true);
    rig.say("notice", { code: "link_lost", message: "", held_until: "2026-01-01T00:00:00Z" });
    expect([rig.machine.takesInput, rig.view.linkLost]).toEqual([false, { heldUntil: "2026-01-01T00:00:00Z" }]);
    rig.say("notice", { code: "link_restored", message: "" });
    expect(rig.machine.takesInput).toBe(true);
    expect(new Rig().attached({ mode: "watch" }).machine.takesInput).toBe(false);
  });

  it("says what policy stopped, and ignores what it does not know", () => {
    const rig = new Rig().attached();
    rig.effects = [];
    rig.say("notice", { code: "blocked", message: "", what: "copy" }).say("novelty", { a: 1 });
    expect(rig.take("blocked")).toEqual([{ type: "blocked", what: "copy" }]);
    expect(rig.view.notice).toBeNull();
    expect(readInternal(["", "ping", "123"])).toBeNull();
    expect(readInternal(["", "0b8b2b0e-0000-4000-8000-000000000000"])).toBeNull();
  });

  it("comes back to its session after a drop, and is over where the hub says so", () => {
    const rig = new Rig().attached().do({ type: "socket_closed" });
    expect(rig.view.phase).toBe("reconnecting");
    rig.effects = [];
    expect(rig.do({ type: "timer", name: "retry" }).take("connect")).toEqual([{ type: "connect", session: "s1", quality: "auto" }]);
    rig.do({ type: "socket_open" }).say("opened", OPENED).say("closed", { code: "window_ended", message: "", hop: "site", ended: true });
    expect(rig.view).toMatchObject({ phase: "over", closed: { code: "window_ended" } });
  });

  it("that is silent is given up, unless instructions still come", () => {
    const rig = new Rig().attached();
    rig.now = FIRST_PING_MS;
    rig.do({ type: "timer", name: "ping" });
    expect(rig.take("say").map(({ message }) => encodeSay(message))).toEqual(['0.,7.measure,9.{"t":400};']);
    rig.now += SILENCE_MS;
    expect(rig.machine.instruction()).toBe(true);
    rig.now += 10;
    rig.do({ type: "timer", name: "ping" });
    expect(rig.view.phase).toBe("open");
    rig.now += SILENCE_MS + 1;
    rig.do({ type: "timer", name: "ping" });
    expect(rig.view.phase).toBe("reconnecting");
  });

  it("that sends no instructions is attached to anew, and not for ever", () => {
    const rig = new Rig().attached();
    for (let tries = 0; tries < 4; tries += 1) rig.do({ type: "garbled" }).do({ type: "timer", name: "retry" }).do({ type: "socket_open" });
    expect(rig.view).toMatchObject({ phase: "over", closed: { code: "protocol_error", ended: false } });
  });

  it("asks for nothing else while files are on their way: they would end with the attachment", () => {
    const rig = new Rig().attached().do({ type: "moving", moving: true });
    rig.effects = [];
    expect(rig.do({ type: "quality", quality: "low" }).take("connect")).toEqual([]);
    expect(rig.do({ type: "moving", moving: false }).take("connect")).toEqual([{ type: "connect", session: "s1", quality: "low" }]);
  });

  it("on a slow line asks for less in a pause of its user, and shows why; all of it again when they say so", () => {
    const rig = new Rig().attached();
    const pong = (ms: number) => {
      rig.now += 3000;
      rig.say("pong", { t: rig.now - ms, hub_ms: 0, site_ms: null });
    };
    for (let count = 0; count < 4; count += 1) {
      rig.do({ type: "timer", name: "ping" });
      rig.now += 2900;
      rig.do({ type: "used" });
      rig.now -= 2900;
      pong(500);
    }
    expect([rig.view.saving, rig.view.phase]).toEqual([null, "open"]);
    rig.effects = [];
    pong(500);
    expect(rig.view.saving).toEqual({ cause: "slow", ms: 500 });
    expect(rig.take("connect")).toEqual([{ type: "connect", session: "s1", quality: "low" }]);
    expect([rig.view.phase, rig.machine.takesInput]).toEqual(["open", false]);
    rig.do({ type: "socket_open" }).say("opened", OPENED);
    expect(rig.machine.takesInput).toBe(true);
    expect(rig.do({ type: "quality", quality: "text" }).take("connect")).toEqual([{ type: "connect", session: "s1", quality: "text" }]);
    expect(rig.view.saving).toBeNull();
  });

  it("judges a line by what it is, not by what it was before it was lost", () => {
    const rig = new Rig().attached();
    const pong = () => {
      rig.now += 3000;
      rig.say("pong", { t: rig.now - 900, hub_ms: 0, site_ms: null });
    };
    rig.say("notice", { code: "link_lost", message: "" });
    for (let count = 0; count < 5; count += 1) pong();
    rig.say("notice", { code: "link_restored", message: "" });
    pong();
    pong();
    expect(rig.view.saving).toBeNull();
    pong();
    expect(rig.view.saving).toEqual({ cause: "slow", ms: 900 });
  });

  it("takes a picture begun anew for a slow line, unless the site was away before", () => {
    const rig = new Rig().attached();
    rig.say("notice", { code: "link_lost", message: "" }).say("notice", { code: "link_restored", message: "" }).say("picture", {});
    rig.now = 10_000;
    rig.say("pong", { t: 9990, hub_ms: 0, site_ms: null });
    expect(rig.view.saving).toBeNull();
    rig.say("picture", {}).say("pong", { t: 9990, hub_ms: 0, site_ms: null });
    expect(rig.view.saving).toEqual({ cause: "behind" });
  });

  it("does not ask a site for another picture that is away", () => {
    const rig = new Rig().attached().say("notice", { code: "link_lost", message: "" });
    rig.effects = [];
    expect(rig.do({ type: "quality", quality: "low" }).take("connect")).toEqual([]);
    rig.say("notice", { code: "link_restored", message: "" });
    rig.now = 10_000;
    expect(rig.say("pong", { t: 9990, hub_ms: 0, site_ms: null }).take("connect")).toHaveLength(1);
    expect(rig.view.saving).toEqual({ cause: "chosen" });
  });

  it("speaks in instructions of its own", () => {
    expect(encodeSay({ type: "close" })).toBe("0.,5.close;");
    expect(encodeSay({ type: "agree" })).toBe("0.,5.agree;");
    expect(new InstructionParser().feed(encodeSay({ type: "ping", t: 1.5 }))).toEqual([["", "measure", '{"t":1.5}']]);
  });
});

import { describe, expect, it } from "vitest";
import type { CastEvent } from "./parse";
import { IDLE_MS } from "@/lib/playback/playhead";
import { BATCH_CHARACTERS, Player, type Command } from "./player";
import { Timeline } from "./timeline";

const out = (atMs: number, text: string): CastEvent => ({ type: "output", atMs, text });
const resize = (atMs: number, cols: number, rows: number): CastEvent => ({ type: "resize", atMs, cols, rows });
const RESET: Command = { type: "reset", cols: 80, rows: 24 };
const write = (text: string): Command => ({ type: "write", text });

function player(...events: CastEvent[]): Player {
  const timeline = new Timeline(80, 24);
  timeline.append(events);
  const made = new Player(timeline);
  made.skipIdle = false;
  return made;
}

/** All batches until the terminal is where the player is. */
function drain(made: Player): Command[] {
  const all: Command[] = [];
  while (made.behind) all.push(...made.take());
  return all;
}

describe("a timeline", () => {
  it("finds how much has happened at a time", () => {
    const timeline = new Timeline(80, 24);
    timeline.append([out(10, "a"), out(20, "b"), out(20, "c"), out(30, "d")]);
    expect([0, 9, 10, 19, 20, 29, 30, 99].map((ms) => timeline.countUntil(ms))).toEqual([0, 0, 1, 1, 3, 3, 4, 4]);
    expect(timeline.durationMs).toBe(30);
  });

  it("of nothing lasts no time", () => {
    expect(new Timeline(80, 24).durationMs).toBe(0);
    expect(new Timeline(80, 24).countUntil(5)).toBe(0);
  });

  it("takes no more than it may hold", () => {
    const few = new Timeline(80, 24, { characters: 1000, events: 2 });
    few.append([out(1, "a"), out(2, "b"), out(3, "c")]);
    expect([few.length, few.full]).toEqual([2, true]);
    const small = new Timeline(80, 24, { characters: 5, events: 100 });
    small.append([out(1, "abc"), out(2, "def"), out(3, "g")]);
    expect([small.length, small.durationMs, small.full]).toEqual([1, 1, true]);
  });
});

describe("a player", () => {
  it("begins with an empty terminal of the recording's size", () => {
    expect(drain(player(out(10, "a")))).toEqual([RESET]);
  });

  it("gives what has happened, together, and each once", () => {
    const made = player(out(10, "a"), out(20, "b"), out(300, "c"));
    made.play();
    made.take();
    made.advance(50, true);
    expect(drain(made)).toEqual([write("ab")]);
    expect(made.take()).toEqual([]);
    made.advance(1000, true);
    expect(drain(made)).toEqual([write("c")]);
    expect([made.playing, made.positionMs]).toEqual([false, 300]);
  });

  it("keeps the order of text and sizes", () => {
    const made = player(out(1, "a"), resize(2, 100, 30), out(3, "b"));
    made.seek(3);
    expect(drain(made)).toEqual([RESET, write("a"), { type: "resize", cols: 100, rows: 30 }, write("b")]);
  });

  it("plays faster and slower", () => {
    const made = player(out(0, ""), out(10_000, "end"));
    made.play();
    drain(made);
    made.speed = 4;
    made.advance(1000, true);
    expect(made.positionMs).toBe(4000);
    made.speed = 0.5;
    made.advance(1000, true);
    expect(made.positionMs).toBe(4500);
  });

  it("skips idle times up to a moment before something happens", () => {
    const made = player(out(0, "a"), out(60_000, "b"));
    made.skipIdle = true;
    made.play();
    drain(made);
    made.advance(10, true);
    expect(made.positionMs).toBe(60_000 - IDLE_MS);
    made.advance(IDLE_MS, true);
    expect(drain(made)).toEqual([write("b")]);
  });

  it("goes forward from where it is, and back from the beginning", () => {
    const made = player(out(10, "a"), out(20, "b"), out(30, "c"));
    made.seek(20);
    expect(drain(made)).toEqual([RESET, write("ab")]);
    made.seek(30);
    expect(drain(made)).toEqual([write("c")]);
    made.seek(15);
    expect(drain(made)).toEqual([RESET, write("a")]);
  });

  it("stays within the recording", () => {
    const made = player(out(10, "a"));
    made.seek(-5);
    expect(made.positionMs).toBe(0);
    made.seek(1e9);
    expect(made.positionMs).toBe(10);
  });

  it("waits for the terminal", () => {
    const made = player(out(0, "a"), out(100, "b"));
    made.play();
    made.advance(50, true);
    expect(made.positionMs).toBe(0);
    drain(made);
    made.advance(50, true);
    expect(made.positionMs).toBe(50);
  });

  it("gives much in batches, so that the terminal is never flooded", () => {
    const big = "x".repeat(BATCH_CHARACTERS / 2);
    const made = player(...Array.from({ length: 10 }, (_, index) => out(index, big)));
    made.seek(9);
    for (const [index, size] of [2, 2, 2, 2, 2].entries()) {
      const texts = made.take().flatMap((command) => (command.type === "write" ? [command.text] : []));
      expect([index, texts.join("").length]).toEqual([index, size * big.length]);
    }
    expect(made.behind).toBe(false);
  });

  it("plays again from the beginning after the end", () => {
    const made = player(out(10, "a"));
    made.seek(10);
    drain(made);
    made.play();
    expect(made.positionMs).toBe(0);
    expect(drain(made)).toEqual([RESET]);
  });

  it("waits at the end of what is read so far while more is to come", () => {
    const made = player(out(10, "a"));
    made.play();
    drain(made);
    made.advance(1000, false);
    expect([made.playing, made.positionMs]).toEqual([true, 10]);
  });

  it("of an empty recording ends at once", () => {
    const made = player();
    made.play();
    expect(drain(made)).toEqual([RESET]);
    made.advance(10, true);
    expect(made.playing).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { IDLE_MS } from "@/lib/playback/playhead";
import { Frames } from "./frames";
import { FIRST_SPACING, Keyframes, MOST } from "./keyframes";
import { BATCH_CHARACTERS, DesktopPlayer, LATE_MS, type Command } from "./player";

/** A screen whose state is what was drawn on it, each run of a digit as one. */
class Screen {
  shown = "";
  drawn = 0;
  restored: (string | null)[] = [];

  async apply(commands: Command<string>[]): Promise<void> {
    for (const command of commands) {
      if (command.type === "restore") {
        this.restored.push(command.state);
        this.shown = command.state ?? "";
      } else if (command.type === "draw") {
        const text = await command.read();
        this.shown += text.replace(/(\d)\1*/g, "$1");
        this.drawn += text.length;
      } else command.keep(this.shown);
    }
  }
}

function played(frames: { atMs: number; text: string }[]) {
  const track = new Frames();
  track.append(frames);
  const player = new DesktopPlayer<string>(track);
  player.skipIdle = false;
  const screen = new Screen();
  const drain = async () => {
    while (player.behind) await screen.apply(player.take());
    return screen.shown;
  };
  return { player, screen, drain };
}

const LETTERS = Array.from({ length: 10 }, (_, index) => ({ atMs: index * 1000, text: String(index) }));
/** Each as much as makes a keyframe. */
const LARGE = Array.from({ length: 10 }, (_, index) => ({ atMs: index * 1000, text: String(index).repeat(FIRST_SPACING) }));

describe("the player of a desktop", () => {
  it("begins with the first picture on an empty screen", async () => {
    const { drain, screen } = played(LETTERS);
    expect(await drain()).toBe("0");
    expect(screen.restored).toEqual([null]);
  });

  it("draws what has happened, each once", async () => {
    const { player, drain, screen } = played(LETTERS);
    player.play();
    await drain();
    player.advance(2500, true);
    expect(await drain()).toBe("012");
    player.advance(99_999, true);
    expect(await drain()).toBe("0123456789");
    expect([player.playing, player.positionMs, screen.drawn]).toEqual([false, 9000, 10]);
  });

  it("goes back to any moment, and forth again", async () => {
    for (const frames of [LETTERS, LARGE]) {
      const { player, drain } = played(frames);
      for (const second of [9, 0, 5, 5, 4, 8, 1]) {
        player.seek(second * 1000);
        expect(await drain()).toBe("0123456789".slice(0, second + 1));
      }
    }
  });

  it("goes back from the nearest keyframe, not from the begin", async () => {
    const { player, screen, drain } = played(LARGE);
    player.seek(9000);
    await drain();
    screen.drawn = 0;
    player.seek(7000);
    expect(await drain()).toBe("01234567");
    expect(screen.drawn).toBeLessThanOrEqual(FIRST_SPACING);
    // Ahead, too, where that is nearer.
    player.seek(0);
    await drain();
    screen.drawn = 0;
    player.seek(8000);
    expect(await drain()).toBe("012345678");
    expect(screen.drawn).toBeLessThanOrEqual(FIRST_SPACING);
  });

  it("that is sent elsewhere on its way goes there", async () => {
    const { player, screen, drain } = played(LARGE);
    player.seek(9000);
    await screen.apply(player.take());
    expect(player.progress).toBeGreaterThan(0);
    expect(player.progress).toBeLessThan(1);
    player.seek(1000);
    expect(await drain()).toBe("01");
    expect(player.progress).toBe(1);
  });

  it("gives much in batches, a frame at least", () => {
    const { player } = played([{ atMs: 0, text: "a".repeat(BATCH_CHARACTERS * 2) }, ...Array.from({ length: 8 }, (_, index) => ({ atMs: index, text: "b".repeat(BATCH_CHARACTERS / 2) }))]);
    player.seek(9);
    const batches: number[] = [];
    while (player.behind) batches.push(player.take().filter(({ type }) => type === "draw").length);
    expect(batches).toEqual([1, 1, 1, 1, 1]);
  });

  it("goes on while its screen draws, and waits where that is late", async () => {
    const { player, drain } = played(Array.from({ length: 100 }, (_, index) => ({ atMs: index * 100, text: "x" })));
    player.play();
    player.advance(50, true);
    expect(player.positionMs, "nothing is there to see yet").toBe(0);
    await drain();
    for (let frame = 0; frame < 50; frame += 1) player.advance(50, true);
    expect(player.positionMs).toBeGreaterThanOrEqual(LATE_MS);
    expect(player.positionMs).toBeLessThanOrEqual(LATE_MS + 200);
    await drain();
    const before = player.positionMs;
    player.advance(50, true);
    expect(player.positionMs).toBe(before + 50);
  });

  it("skips idle times", async () => {
    const { player, drain } = played([{ atMs: 0, text: "a" }, { atMs: 600_000, text: "b" }]);
    player.skipIdle = true;
    player.play();
    await drain();
    player.advance(10, true);
    expect(player.positionMs).toBe(600_000 - IDLE_MS);
  });
});

describe("keyframes", () => {
  it("are never more than a few, and spread over all of a recording", () => {
    const keyframes = new Keyframes<number>();
    for (let count = 1; count < 2000; count += 1) {
      const end = count * FIRST_SPACING;
      if (keyframes.isDue(end)) keyframes.keep({ count, end, state: count });
      expect(keyframes.length).toBeLessThanOrEqual(MOST);
    }
    expect(keyframes.length).toBeGreaterThan(MOST / 4);
    expect(keyframes.before(1)?.state).toBe(1);
    for (let count = 1; count < 2000; count += 100) {
      const far = count - (keyframes.before(count)?.count ?? 0);
      expect(far).toBeLessThanOrEqual(128);
    }
  });

  it("are not kept twice at a place", () => {
    const keyframes = new Keyframes<string>();
    for (const state of ["first", "second"]) keyframes.keep({ count: 1, end: 10, state });
    expect([keyframes.length, keyframes.before(5)?.state, keyframes.before(0)]).toEqual([1, "first", undefined]);
  });
});

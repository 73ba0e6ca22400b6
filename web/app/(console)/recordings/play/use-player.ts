"use client";
/** A player on a screen: every frame some time goes by, and whenever the screen is done it gets the next batch. */
import { useEffect, useRef, useState, type RefObject } from "react";
import { Player, type Speed } from "@/lib/cast/player";
import type { Timeline } from "@/lib/cast/timeline";
import { openScreen, type Screen } from "./screen";

/** A page that was out of sight goes on where it was. */
const LONGEST_FRAME_MS = 250;

export interface PlayerState {
  playing: boolean;
  positionMs: number;
  /** The screen is on its way to where the player is. */
  busy: boolean;
  broken: boolean;
}

export interface Controls {
  toggle: () => void;
  seek: (ms: number) => void;
  /** So far from where it is. */
  step: (ms: number) => void;
}

export function usePlayer(box: RefObject<HTMLDivElement | null>, timeline: Timeline, complete: boolean, speed: Speed, skipIdle: boolean) {
  const [state, setState] = useState<PlayerState>({ playing: false, positionMs: 0, busy: true, broken: false });
  const player = useRef<Player | null>(null);
  const whole = useRef(complete);
  whole.current = complete;

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const made = new Player(timeline);
    player.current = made;
    let here = true;
    let screen: Screen | null = null;
    let writing = false;
    let frame = 0;
    let last = performance.now();

    const pump = () => {
      if (!here || screen === null || writing || !made.behind) return;
      writing = true;
      screen.apply(made.take(), () => {
        writing = false;
        pump();
      });
    };
    const tick = (now: number) => {
      made.advance(Math.min(now - last, LONGEST_FRAME_MS), whole.current);
      last = now;
      pump();
      const { playing, positionMs } = made;
      const busy = made.behind || writing;
      setState((so) => (so.playing === playing && so.positionMs === positionMs && so.busy === busy ? so : { ...so, playing, positionMs, busy }));
      frame = requestAnimationFrame(tick);
    };
    const begin = async () => {
      const opened = await openScreen(element);
      if (!here) return opened.dispose();
      screen = opened;
      made.play();
      frame = requestAnimationFrame(tick);
    };
    begin().catch(() => here && setState((so) => ({ ...so, broken: true })));
    return () => {
      here = false;
      cancelAnimationFrame(frame);
      screen?.dispose();
      player.current = null;
    };
  }, [box, timeline]);

  useEffect(() => {
    if (player.current) Object.assign(player.current, { speed, skipIdle });
  }, [speed, skipIdle, timeline]);

  const controls: Controls = {
    toggle: () => (player.current?.playing ? player.current.pause() : player.current?.play()),
    seek: (ms) => player.current?.seek(ms),
    step: (ms) => player.current?.seek(player.current.positionMs + ms),
  };
  return { state, controls };
}

"use client";
/** A player on a screen: every frame some time goes by, and whenever the screen is done it gets the next batch. */
import { useEffect, useRef, useState, type RefObject } from "react";
import type { Playhead, Speed } from "@/lib/playback/playhead";
import type { Screen, Show } from "./show";

/** A page that was out of sight goes on where it was. */
const LONGEST_FRAME_MS = 250;

export interface PlayerState {
  playing: boolean;
  positionMs: number;
  /** The screen is on its way to where the player is. */
  busy: boolean;
  /** How much of that way it has come, in whole percents. */
  percent: number;
  broken: boolean;
}

export interface Controls {
  toggle: () => void;
  seek: (ms: number) => void;
  /** So far from where it is. */
  step: (ms: number) => void;
}

interface Wishes {
  /** All of the track is there. */
  complete: boolean;
  speed: Speed;
  skipIdle: boolean;
}

const BEGIN: PlayerState = { playing: false, positionMs: 0, busy: true, percent: 0, broken: false };

const same = (one: PlayerState, other: PlayerState): boolean =>
  one.playing === other.playing && one.positionMs === other.positionMs && one.busy === other.busy && one.percent === other.percent;

export function usePlayer<Track, Command>(box: RefObject<HTMLDivElement | null>, show: Show<Track, Command>, track: Track, { complete, speed, skipIdle }: Wishes) {
  const [state, setState] = useState(BEGIN);
  const player = useRef<Playhead<Command> | null>(null);
  const whole = useRef(complete);
  whole.current = complete;

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const made = show.player(track);
    player.current = made;
    let here = true;
    let screen: Screen<Command> | null = null;
    let writing = false;
    let frame = 0;
    let last = performance.now();

    const fail = () => {
      if (!here) return;
      cancelAnimationFrame(frame);
      setState((so) => ({ ...so, playing: false, broken: true }));
    };
    const pump = async () => {
      if (screen === null || writing) return;
      writing = true;
      while (here && made.behind) await screen.apply(made.take());
      writing = false;
    };
    const tick = (now: number) => {
      made.advance(Math.min(now - last, LONGEST_FRAME_MS), whole.current);
      last = now;
      frame = requestAnimationFrame(tick);
      pump().catch(fail);
      const { playing, positionMs } = made;
      const next = { playing, positionMs, busy: made.behind || writing, percent: Math.floor(made.progress * 100), broken: false };
      setState((so) => (same(so, next) ? so : next));
    };
    const begin = async () => {
      const opened = await show.open(element);
      if (!here) return opened.dispose();
      screen = opened;
      made.play();
      frame = requestAnimationFrame(tick);
    };
    begin().catch(fail);
    return () => {
      here = false;
      cancelAnimationFrame(frame);
      screen?.dispose();
      player.current = null;
    };
  }, [box, show, track]);

  useEffect(() => {
    if (player.current) Object.assign(player.current, { speed, skipIdle });
  }, [speed, skipIdle, track]);

  const controls: Controls = {
    toggle: () => (player.current?.playing ? player.current.pause() : player.current?.play()),
    seek: (ms) => player.current?.seek(ms),
    step: (ms) => player.current?.seek(player.current.positionMs + ms),
  };
  return { state, controls };
}

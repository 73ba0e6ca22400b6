"use client";
/** The controls of a player, as a video has them: play, seek, speed, idle times skipped. */
import { Pause, Play } from "lucide-react";
import type { KeyboardEvent } from "react";
import { SPEEDS, type Speed } from "@/lib/playback/playhead";
import { bytes, clock } from "@/lib/format";
import { anywhere } from "@/texts/anywhere";
import { player } from "@/texts/player";
import { IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";
import type { Controls, PlayerState } from "./use-player";

const STEP_MS = 5000;

/** The same by key. */
export const onKeys = (controls: Controls, durationMs: number) => (event: KeyboardEvent<HTMLElement>) => {
  const inControl = event.target instanceof Element && event.target.closest("button,select,input[type=checkbox]");
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const keys: Record<string, () => void> = {
    ArrowLeft: () => controls.step(-STEP_MS),
    ArrowRight: () => controls.step(STEP_MS),
    Home: () => controls.seek(0),
    End: () => controls.seek(durationMs),
    " ": controls.toggle,
  };
  const act = keys[event.key];
  if (!act || (inControl && (event.key === " " || event.target instanceof HTMLSelectElement))) return;
  event.preventDefault();
  act();
};

interface Props {
  state: PlayerState;
  controls: Controls;
  /** How far it is read. */
  read: { durationMs: number; characters: number; complete: boolean };
  speed: Speed;
  onSpeed: (speed: Speed) => void;
  skipIdle: boolean;
  onSkipIdle: (skip: boolean) => void;
}

export function ControlBar({ state, controls, read, speed, onSpeed, skipIdle, onSkipIdle }: Props) {
  const { playing, positionMs } = state;
  const { durationMs, complete } = read;
  const ended = positionMs >= durationMs && !playing;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-2 py-1.5">
      <IconButton label={playing ? player.pause : ended ? player.playAgain : anywhere.play} onClick={controls.toggle}>
        {playing ? <Pause className="size-4" aria-hidden /> : <Play className="size-4" aria-hidden />}
      </IconButton>
      <input
        type="range"
        aria-label={player.position}
        aria-valuetext={player.positionOf(clock(positionMs), clock(durationMs))}
        min={0}
        max={Math.max(1, Math.round(durationMs))}
        value={Math.round(positionMs)}
        onChange={(event) => controls.seek(Number(event.target.value))}
        className="h-8 min-w-32 flex-1 cursor-pointer accent-accent"
      />
      <span className={cx("text-xs text-muted tabular-nums", !complete && "animate-pulse")} title={complete ? undefined : player.stillRead}>{`${clock(positionMs)} / ${clock(durationMs)}`}</span>
      {!complete && <span role="status" className="text-xs text-muted tabular-nums">{player.readSoFar(bytes(read.characters))}</span>}
      <label className="inline-flex items-center gap-1.5 text-[13px] text-muted">
        <input type="checkbox" checked={skipIdle} onChange={(event) => onSkipIdle(event.target.checked)} className="accent-accent" />
        {player.skipIdle}
      </label>
      <select
        aria-label={player.speed}
        value={speed}
        onChange={(event) => onSpeed(SPEEDS.find((known) => known === Number(event.target.value)) ?? 1)}
        className="h-7 rounded-md border border-line-strong bg-surface px-1 text-[13px]"
      >
        {SPEEDS.map((known) => <option key={known} value={known}>{`${known}×`}</option>)}
      </select>
    </div>
  );
}

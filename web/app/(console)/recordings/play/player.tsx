"use client";
/** A recording on its screen, with the controls of a video: play, seek, speed, idle times skipped, and the same by key. */
import "@xterm/xterm/css/xterm.css";
import { Pause, Play } from "lucide-react";
import { useRef, useState, type KeyboardEvent } from "react";
import { SPEEDS, type Speed } from "@/lib/cast/player";
import type { Timeline } from "@/lib/cast/timeline";
import { clock } from "@/lib/format";
import { anywhere } from "@/texts/anywhere";
import { player } from "@/texts/player";
import { IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";
import { Failure } from "@/ui/states";
import { usePlayer } from "./use-player";

const STEP_MS = 5000;

interface Props {
  timeline: Timeline;
  durationMs: number;
  complete: boolean;
}

export function RecordingPlayer({ timeline, durationMs, complete }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [speed, setSpeed] = useState<Speed>(1);
  const [skipIdle, setSkipIdle] = useState(true);
  const { state, controls } = usePlayer(box, timeline, complete, speed, skipIdle);
  const { playing, positionMs } = state;
  const ended = positionMs >= durationMs && !playing;

  const onKey = (event: KeyboardEvent<HTMLElement>) => {
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

  return (
    <div role="group" aria-label={player.player} data-playing={playing} data-busy={state.busy} data-complete={complete} onKeyDown={onKey} className="overflow-hidden rounded-xl border border-line bg-surface shadow-card">
      {state.broken && <div className="p-3"><Failure onRetry={() => window.location.reload()}>{anywhere.terminalNotLoaded}</Failure></div>}
      <div className="bg-terminal p-2">
        {/* Readers of the page get the text on its own tab. */}
        <div ref={box} aria-hidden onClick={controls.toggle} className="min-h-40 overflow-x-auto overflow-y-hidden" />
      </div>
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
        <label className="inline-flex items-center gap-1.5 text-[13px] text-muted">
          <input type="checkbox" checked={skipIdle} onChange={(event) => setSkipIdle(event.target.checked)} className="accent-accent" />
          {player.skipIdle}
        </label>
        <select
          aria-label={player.speed}
          value={speed}
          onChange={(event) => setSpeed(SPEEDS.find((known) => known === Number(event.target.value)) ?? 1)}
          className="h-7 rounded-md border border-line-strong bg-surface px-1 text-[13px]"
        >
          {SPEEDS.map((known) => <option key={known} value={known}>{`${known}×`}</option>)}
        </select>
      </div>
    </div>
  );
}

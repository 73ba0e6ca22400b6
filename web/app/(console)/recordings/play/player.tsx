"use client";
/** A recording on its screen, with its controls. */
import "@xterm/xterm/css/xterm.css";
import { useRef, useState } from "react";
import type { Speed } from "@/lib/playback/playhead";
import { player } from "@/texts/player";
import { Failure } from "@/ui/states";
import { ControlBar, onKeys } from "./controls";
import type { Show } from "./show";
import type { Arrival } from "./use-arrival";
import { usePlayer } from "./use-player";

interface Props<Track, Command> {
  show: Show<Track, Command>;
  track: Track;
  read: Pick<Arrival<Track>, "durationMs" | "characters" | "complete">;
}

/** Where the screen has a long way to go; at once there is nothing to say. */
function OnItsWay({ percent }: { percent: number }) {
  return (
    <div className="pointer-events-none absolute inset-0 grid animate-late place-items-center">
      <p className="rounded-lg bg-surface px-3 py-1.5 text-[13px] tabular-nums shadow-card">{player.onItsWay(percent)}</p>
    </div>
  );
}

export function RecordingPlayer<Track, Command>({ show, track, read }: Props<Track, Command>) {
  const box = useRef<HTMLDivElement>(null);
  const [speed, setSpeed] = useState<Speed>(1);
  const [skipIdle, setSkipIdle] = useState(true);
  const { complete, durationMs } = read;
  const { state, controls } = usePlayer(box, show, track, { complete, speed, skipIdle });
  const picture = show.picture === null ? { "aria-hidden": true } : { role: "img", "aria-label": show.picture };

  return (
    <div
      role="group"
      aria-label={player.player}
      data-playing={state.playing}
      data-busy={state.busy}
      data-complete={complete}
      onKeyDown={onKeys(controls, durationMs)}
      className="overflow-hidden rounded-xl border border-line bg-surface shadow-card"
    >
      {state.broken && <div className="p-3"><Failure onRetry={() => window.location.reload()}>{show.broken}</Failure></div>}
      <div className="relative bg-terminal p-2">
        <div ref={box} {...picture} onClick={controls.toggle} className="min-h-40 overflow-x-auto overflow-y-hidden" />
        {state.busy && !state.broken && <OnItsWay percent={state.percent} />}
      </div>
      <ControlBar state={state} controls={controls} read={read} speed={speed} onSpeed={setSpeed} skipIdle={skipIdle} onSkipIdle={setSkipIdle} />
    </div>
  );
}

"use client";
/** While a session opens: its steps by name, each with the time it took. */
import { Check, Circle, Loader } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { milliseconds } from "@/lib/format";
import type { AttachView, Step } from "@/lib/attachment/machine";
import { STEP_NAMES, type StepName } from "@/lib/attachment/messages";
import { ending } from "@/lib/attachment/words";
import { anywhere } from "@/texts/anywhere";
import type { KindWords } from "@/texts/kinds";
import { shell } from "@/texts/shell";
import { opening } from "@/texts/opening";
import { units } from "@/texts/units";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";

const TICK_MS = 100;

/** Milliseconds since this was mounted. */
function useElapsed(): number {
  const [elapsed, setElapsed] = useState(0);
  useEffect(() => {
    const begun = performance.now();
    const timer = setInterval(() => setElapsed(performance.now() - begun), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return elapsed;
}

export const seconds = (ms: number): string => (ms < 1000 ? milliseconds(ms) : units.secondsExactly((ms / 1000).toFixed(1)));

type State = "done" | "now" | "later" | "failed";

const ICONS: Record<State, { icon: typeof Check; look: string }> = {
  done: { icon: Check, look: "text-ok" },
  now: { icon: Loader, look: "text-accent animate-spin" },
  later: { icon: Circle, look: "text-faint" },
  failed: { icon: Circle, look: "text-bad" },
};

function StepLine({ name, state, took }: { name: StepName; state: State; took: string | null }) {
  const { icon: Icon, look } = ICONS[state];
  const words = opening.names[name];
  return (
    <li className="flex items-center gap-2.5 py-1" aria-current={state === "now" ? "step" : undefined}>
      <Icon className={cx("size-4 shrink-0", look)} aria-hidden />
      <span className={cx("flex-1", state === "later" && "text-faint", state === "failed" && "text-bad")}>{state === "done" ? words.done : words.now}</span>
      <span className="text-xs text-muted tabular-nums">{took}</span>
    </li>
  );
}

/** The steps as far as they went; `elapsed` is `null` once nothing goes on any more. */
export function Steps({ steps, elapsed }: { steps: Step[]; elapsed: number | null }) {
  const current = STEP_NAMES.find((name) => !steps.some((step) => step.name === name));
  return (
    <ol aria-label={opening.label}>
      {STEP_NAMES.map((name) => {
        const index = steps.findIndex((step) => step.name === name);
        const done = steps[index];
        if (done) return <StepLine key={name} name={name} state="done" took={seconds(done.elapsedMs - (steps[index - 1]?.elapsedMs ?? 0))} />;
        const state = name !== current ? "later" : elapsed === null ? "failed" : "now";
        const took = state === "now" && elapsed !== null ? seconds(Math.max(0, elapsed - (steps.at(-1)?.elapsedMs ?? 0))) : null;
        return <StepLine key={name} name={name} state={state} took={took} />;
      })}
    </ol>
  );
}

interface Props {
  name: string;
  words: KindWords;
  view: AttachView | null;
  /** Comes back to a session that is there. */
  resumes: boolean;
  /** It is somebody else's. */
  watches: boolean;
  onRetry: () => void;
  /** What else can be done while it waits. */
  children?: ReactNode;
}

export function Connecting({ name, words, view, resumes, watches, onRetry, children }: Props) {
  const elapsed = useElapsed();
  const waits = view?.phase === "reconnecting";
  const why = view?.waitingFor ? ending(view.waitingFor, words) : null;
  return (
    <div className="absolute inset-x-4 top-[14vh] mx-auto max-w-sm rounded-xl border border-line bg-surface p-5 shadow-card" role="status" aria-label={shell.connecting}>
      <div className="mb-3 flex items-baseline justify-between gap-3">
        <h2 className="font-semibold">{watches ? shell.goingToWatch(name) : resumes ? shell.comingBack(name) : words.opening(name)}</h2>
        <span className="text-xs text-muted tabular-nums">{seconds(elapsed)}</span>
      </div>
      {!resumes && <Steps steps={view?.steps ?? []} elapsed={elapsed} />}
      {resumes && !waits && (
        <p className="flex items-center gap-2.5 text-muted"><Loader className="size-4 animate-spin text-accent" aria-hidden />{words.fetching}</p>
      )}
      {waits && (
        <div className="flex items-center justify-between gap-3">
          <p className="text-warn">{why ? shell.whyAndTodo(why.title, why.todo) : shell.triesAgain}</p>
          <Button small onClick={onRetry}>{anywhere.tryNow}</Button>
        </div>
      )}
      {waits && children}
    </div>
  );
}

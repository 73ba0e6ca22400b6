"use client";
/** How it ended, where it failed, and what to do next. Over an empty window, or below the last screen. */
import Link from "next/link";
import { ChevronRight, CircleAlert, CircleCheck, CircleX, Film, Laptop } from "lucide-react";
import { useEffect, useRef } from "react";
import { routes } from "@/lib/routes";
import { asSentence } from "@/lib/sentence";
import type { AttachView } from "@/lib/attachment/machine";
import { ending, watchedEnding, type Ending } from "@/lib/attachment/words";
import type { Closed, Hop } from "@/lib/attachment/messages";
import { anywhere } from "@/texts/anywhere";
import type { KindWords } from "@/texts/kinds";
import { shell } from "@/texts/shell";
import { opening } from "@/texts/opening";
import { Button, buttonClass } from "@/ui/button";
import { cx } from "@/ui/cx";
import { Steps } from "./connecting";
import type { Way } from "@/lib/attachment/way";

const ICONS = { ok: CircleCheck, warn: CircleAlert, bad: CircleX };
const LOOKS: Record<Ending["tone"], string> = { ok: "text-ok", warn: "text-warn", bad: "text-bad" };
const ORDER: Hop[] = ["hub", "site", "target"];

/** The way of a key, with the hop that failed. */
function Hops({ failed }: { failed: Hop }) {
  return (
    <p className="flex flex-wrap items-center gap-1 text-[13px] text-muted" aria-label={shell.failedAt(opening.hops[failed])} role="img">
      <Laptop className="size-3.5" aria-hidden /><span>{shell.you}</span>
      {ORDER.map((hop) => (
        <span key={hop} className="flex items-center gap-1">
          <ChevronRight className="size-3.5 text-faint" aria-hidden />
          <span className={cx(hop === failed && "rounded bg-bad-soft px-1.5 font-medium text-bad", ORDER.indexOf(hop) > ORDER.indexOf(failed) && "text-faint")}>{opening.hops[hop]}</span>
        </span>
      ))}
    </p>
  );
}

/** The hub's own words, where they say more than ours. */
const detail = ({ message }: Closed): string | null => (message ? asSentence(message) : null);

interface Props {
  view: AttachView;
  name: string;
  words: KindWords;
  way: Way;
  onAttach: (way: Way) => void;
  below?: boolean;
}

function Actions({ view, way, again, onAttach }: { view: AttachView; way: Way; again: boolean; onAttach: (way: Way) => void }) {
  const goesOn = view.closed?.ended === false && view.sessionId !== null;
  const recorded = view.sessionId !== null && (view.opened || way.session !== null);
  const watches = view.mode === "watch" || way.watch;
  const label = goesOn && !watches ? shell.takeBack : view.opened || way.session ? shell.openAgain : anywhere.tryAgain;
  return (
    <div className="flex flex-wrap gap-2">
      {again && (
        <Button look="primary" onClick={() => onAttach({ ...way, session: goesOn ? view.sessionId : null })}>{label}</Button>
      )}
      <Link href={watches ? routes.sessions() : routes.targets()} className={buttonClass(again ? "plain" : "primary")}>{watches ? shell.toSessions : shell.toTargets}</Link>
      {recorded && view.sessionId && (
        <Link href={routes.recording(view.sessionId)} className={buttonClass("plain")}><Film className="size-4" aria-hidden />{anywhere.recording}</Link>
      )}
    </div>
  );
}

export function Ended({ view, name, words, way, onAttach, below }: Props) {
  const { closed } = view;
  const section = useRef<HTMLElement>(null);
  // Away from the terminal, and on nothing that one more Enter would set off.
  useEffect(() => section.current?.focus(), []);
  if (closed === null) return null;
  const { title, todo, again, tone } = view.mode === "watch" ? watchedEnding(closed, words) : ending(closed, words);
  const Icon = ICONS[tone];
  const more = closed.code === "exited" || closed.code === "closed_by_user" ? null : detail(closed);
  const actions = <Actions view={view} way={way} again={again} onAttach={onAttach} />;
  const status = { "data-code": closed.code, "data-exit-status": closed.exitStatus ?? undefined };
  if (below) {
    return (
      <section ref={section} tabIndex={-1} aria-label={shell.closed} {...status} className="flex shrink-0 animate-slide flex-wrap items-center gap-x-6 gap-y-3 rounded-none border-t border-line bg-surface px-4 py-3 outline-none">
        <Icon className={cx("size-5 shrink-0", LOOKS[tone])} aria-hidden />
        <div className="-ml-3 min-w-48 flex-1" role="status">
          <p className="font-semibold">{title}</p>
          <p className="text-muted">{more ? `${more} ${todo}` : todo}</p>
        </div>
        {actions}
      </section>
    );
  }
  return (
    <section ref={section} tabIndex={-1} aria-label={words.none(name)} {...status} className="absolute inset-x-4 top-[10vh] mx-auto max-h-[80vh] max-w-md overflow-y-auto rounded-xl border border-line bg-surface p-5 shadow-card outline-none">
      <div role="alert">
        <div className="flex items-start gap-2.5">
          <Icon className={cx("mt-0.5 size-5 shrink-0", LOOKS[tone])} aria-hidden />
          <div className="min-w-0">
            <h2 className="font-semibold">{title}</h2>
            {more && <p className="mt-1">{more}</p>}
            <p className="mt-1 text-muted">{todo}</p>
          </div>
        </div>
      </div>
      {tone === "bad" && <div className="mt-4 border-t border-line pt-3"><Hops failed={closed.hop} /></div>}
      {view.steps.length > 0 && tone === "bad" && <div className="mt-3"><Steps steps={view.steps} elapsed={null} /></div>}
      <div className="mt-5">{actions}</div>
    </section>
  );
}

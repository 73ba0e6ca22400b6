"use client";
/** One line between the bar and what is shown, only while something is to be known: the most important thing of all that is. */
import { CircleAlert, CloudOff, Eye, Info, Loader, Timer, X } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { clock, clockTime } from "@/lib/format";
import type { AttachView } from "@/lib/attachment/machine";
import { ending, endsWords, noticeWords } from "@/lib/attachment/words";
import { anywhere } from "@/texts/anywhere";
import { shell } from "@/texts/shell";
import { Button, IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";

interface Word {
  icon: ReactNode;
  text: string;
  bad?: boolean;
  retry?: boolean;
  /** When it happens, on the page's steady clock. */
  until?: number;
  /** It stays until it is read. */
  dismiss?: boolean;
}

/** What was typed and the target has not got: shells know. */
export interface Typed {
  unconfirmed: number;
  inputFull: boolean;
}

const NOTHING_TYPED: Typed = { unconfirmed: 0, inputFull: false };

function word(view: AttachView, { unconfirmed: typed, inputFull }: Typed, site: string | null, user: string | null): Word | null {
  const size = "size-4 shrink-0";
  if (view.phase === "over") return null;
  const watches = view.mode === "watch";
  if (view.phase === "reconnecting" && view.opened) {
    const why = view.waitingFor ? shell.because(ending(view.waitingFor).title) : shell.hubLost;
    return { icon: <Loader className={cx(size, "animate-spin")} aria-hidden />, text: shell.comesBack(why, watches, typed), retry: true };
  }
  if (view.linkLost) {
    const { heldUntil } = view.linkLost;
    const where = site ?? shell.theSite;
    const text = heldUntil ? shell.linkLostUntil(where, watches, clockTime(heldUntil), typed) : shell.linkLost(where, watches, typed);
    return { icon: <CloudOff className={size} aria-hidden />, text };
  }
  if (inputFull) {
    return { icon: <CircleAlert className={size} aria-hidden />, bad: true, text: shell.inputFull };
  }
  if (typed > 0) {
    return { icon: <Loader className={cx(size, "animate-spin")} aria-hidden />, text: shell.noAnswer(site ?? shell.theSite, typed) };
  }
  if (view.ends) return { icon: <Timer className={size} aria-hidden />, text: endsWords(view.ends.code), until: view.ends.at };
  if (view.notice?.code === "ends_soon") return { icon: <CircleAlert className={size} aria-hidden />, text: noticeWords(view.notice) };
  if (watches) return { icon: <Eye className={size} aria-hidden />, text: user === null ? shell.youWatchSomebody : shell.youWatch(user) };
  if (view.notice) return { icon: <Info className={size} aria-hidden />, text: noticeWords(view.notice), dismiss: true };
  return null;
}

/** The time left, for eyes alone: read aloud every second it would be a nuisance. */
function Left({ until }: { until: number }) {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <span aria-hidden className="font-medium tabular-nums">{clock(until - now)}</span>;
}

interface Props {
  view: AttachView;
  typed?: Typed;
  /** The name of the session's zone, once known. */
  site: string | null;
  /** Whose session is watched. */
  user: string | null;
  onRetry: () => void;
  /** It was dismissed: what is shown takes the keys again. */
  onDone: () => void;
}

export function Banner({ view, typed = NOTHING_TYPED, site, user, onRetry, onDone }: Props) {
  const [read, setRead] = useState<AttachView["notice"]>(null);
  const said = word(view.notice === read ? { ...view, notice: null } : view, typed, site, user);
  const dismiss = () => {
    setRead(view.notice);
    onDone();
  };
  return (
    <div role="status" aria-live="polite">
      {said && (
        <div className={cx("flex min-h-9 items-center gap-2 border-b border-line px-3 py-1 text-[13px]", said.bad ? "bg-bad-soft text-bad" : "bg-warn-soft text-warn")}>
          {said.icon}
          <span className="min-w-0 flex-1">{said.text}</span>
          {said.until !== undefined && <Left key={said.until} until={said.until} />}
          {said.retry && <Button small onClick={onRetry}>{anywhere.tryNow}</Button>}
          {said.dismiss && <IconButton label={anywhere.dismiss} onClick={dismiss}><X className="size-4" aria-hidden /></IconButton>}
        </div>
      )}
    </div>
  );
}

"use client";
/** The line above a session: where one is, how far away it is, and the ways out. */
import Link from "next/link";
import { ArrowLeft, Compass, Eye, Maximize, Minimize, Plus, Power } from "lucide-react";
import { useState, type ReactNode } from "react";
import { sentence } from "@/lib/api/client";
import { useNowOrLater } from "@/lib/api/orders";
import { milliseconds } from "@/lib/format";
import { routes } from "@/lib/routes";
import { keyName } from "@/lib/shortcuts";
import type { AttachView, Latency } from "@/lib/attachment/machine";
import { anywhere } from "@/texts/anywhere";
import { commands } from "@/texts/commands";
import type { KindWords } from "@/texts/kinds";
import { palette } from "@/texts/palette";
import { shell } from "@/texts/shell";
import { Badge, type Tone } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import type { Ends } from "./use-ends";
import { useFullScreen } from "./use-full-screen";

const PHASES: Record<AttachView["phase"], { word: string; tone: Tone }> = {
  connecting: { word: shell.phases.connecting, tone: "info" },
  open: { word: shell.phases.open, tone: "ok" },
  reconnecting: { word: shell.phases.reconnecting, tone: "warn" },
  over: { word: shell.phases.over, tone: "none" },
};
const WATCHING = { word: shell.watching, tone: "info" } as const;

/** The round trip that a key takes, as measured, in its two parts. */
function Distance({ latency: { hubMs, siteMs } }: { latency: Latency }) {
  const text = siteMs === null ? shell.toHub(milliseconds(hubMs)) : shell.toSite(milliseconds(hubMs), milliseconds(siteMs));
  return (
    <span className="text-xs whitespace-nowrap text-muted tabular-nums max-sm:hidden" title={text}>
      <span className="sr-only">{text}</span>
      <span aria-hidden>{milliseconds(hubMs + (siteMs ?? 0))}</span>
    </span>
  );
}

interface FullScreenProps {
  /** The keys that a full screen takes from the browser; all of them where none is named. */
  keys: string[];
  onDone: () => void;
}

export function FullScreen({ keys, onDone }: FullScreenProps) {
  const { full, toggle } = useFullScreen(keys);
  if (toggle === null) return null;
  const label = full ? shell.leaveFullScreen : shell.fullScreen;
  const act = () => {
    toggle();
    onDone();
  };
  return (
    <IconButton label={label} className="max-sm:hidden" onClick={act}>
      {full ? <Minimize className="size-4" aria-hidden /> : <Maximize className="size-4" aria-hidden />}
    </IconButton>
  );
}

interface Props {
  name: string;
  words: KindWords;
  about: string | null;
  view: AttachView | null;
  /** Opens the command palette. */
  onGoTo: () => void;
  /** Opens another target beside this one; `null` where a row of tabs offers that. */
  onAdd: (() => void) | null;
  /** The key that opens the palette goes there, not to what is shown. */
  hasKeys: boolean;
  ends: Ends;
  /** A dialog or menu is gone: what is shown takes the keys again. */
  onDone: () => void;
  /** What its kind has more. */
  children: ReactNode;
}

export function Bar({ name, words, about, view, onGoTo, onAdd, hasKeys, ends: { onEnd, onEndLater }, onDone, children }: Props) {
  const [asking, setAsking] = useState(false);
  const { isLater, act, forget } = useNowOrLater(async () => onEnd?.(), onEndLater);
  const watches = view?.mode === "watch";
  const phase = watches && view.phase === "open" && !view.linkLost ? WATCHING : PHASES[view?.linkLost ? "reconnecting" : (view?.phase ?? "connecting")];
  const mayEnd = view !== null && view.phase !== "over" && onEnd !== null;
  const watchers = view?.phase === "over" ? [] : (view?.watchers ?? []);
  return (
    <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line bg-surface px-2">
      <Link href={watches ? routes.sessions() : routes.targets()} aria-label={watches ? shell.toSessions : shell.toTargets} title={watches ? shell.toSessions : shell.toTargetsAbout} className="grid size-8 shrink-0 place-items-center rounded-md text-muted hover:bg-hover hover:text-ink">
        <ArrowLeft className="size-4" aria-hidden />
      </Link>
      <div className="flex min-w-0 flex-1 items-baseline gap-2">
        <span className="truncate font-semibold">{name}</span>
        {about && <span className="hidden truncate text-[13px] text-muted sm:inline">{about}</span>}
      </div>
      {view?.latency && view.phase === "open" && <Distance latency={view.latency} />}
      <span role="status" aria-live="polite" className="contents">
        {watchers.length > 0 && (
          <Badge tone="warn" title={watchers.join(", ")}>
            <Eye className="size-3.5 shrink-0" aria-hidden />
            <span className="max-w-16 truncate sm:max-w-56"><span className="max-sm:sr-only">{shell.watchedBefore}</span>{shell.watchers(watchers)}</span>
          </Badge>
        )}
      </span>
      <Badge tone={phase.tone} dot title={phase.word}><span className="max-sm:sr-only">{phase.word}</span></Badge>
      {onAdd && <IconButton label={palette.anotherTarget} title={shell.openBeside} className="max-sm:hidden" onClick={onAdd}><Plus className="size-4" aria-hidden /></IconButton>}
      <IconButton label={palette.open} title={hasKeys ? shell.withKey(palette.open, keyName("K", navigator.platform, true)) : palette.open} onClick={onGoTo}><Compass className="size-4" aria-hidden /></IconButton>
      {children}
      {mayEnd && (
        <Button small look="danger" onClick={() => setAsking(true)} aria-label={anywhere.endSession}>
          <Power className="size-3.5" aria-hidden />
          <span className="hidden sm:inline">{anywhere.endSession}</span>
        </Button>
      )}
      <Confirm
        open={asking}
        onOpenChange={(asks) => {
          setAsking(asks);
          forget();
        }}
        title={watches ? shell.endOthersAsked : shell.endAsked}
        consequence={isLater ? commands.endLaterAbout : watches ? words.endOthersAbout : words.endAbout}
        action={isLater ? commands.endLater : anywhere.endSession}
        onConfirm={act}
        explain={sentence}
        returnFocus={onDone}
      />
    </header>
  );
}

"use client";
/** The line above a terminal: where one is, how far away it is, and the ways out. */
import Link from "next/link";
import { ArrowLeft, ClipboardPaste, Compass, Ear, Eye, Maximize, Minimize, Minus, Plus, Power, Search, Settings2, WandSparkles } from "lucide-react";
import { useState } from "react";
import { sentence } from "@/lib/api/client";
import { useNowOrLater } from "@/lib/api/orders";
import { milliseconds } from "@/lib/format";
import { routes } from "@/lib/routes";
import { keyName } from "@/lib/shortcuts";
import type { AttachView, Latency } from "@/lib/attachment/machine";
import { COLOURS, type Colours } from "@/lib/terminal/colours";
import type { TerminalPreferences } from "@/lib/terminal/preferences";
import { anywhere } from "@/texts/anywhere";
import { commands } from "@/texts/commands";
import { output } from "@/texts/output";
import { palette } from "@/texts/palette";
import { shell } from "@/texts/shell";
import { Badge, type Tone } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Menu } from "@/ui/menu";
import { useFullScreen } from "../_attachment/use-full-screen";

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

interface PreferencesProps {
  preferences: TerminalPreferences;
  onPrefer: (preferences: TerminalPreferences) => void;
  /** A dialog or menu is gone: the terminal takes the keys again. */
  onDone: () => void;
}

function Preferences({ preferences, onPrefer, onDone }: PreferencesProps) {
  const { fontSize, screenReader, predictions, asksBeforePaste, colours } = preferences;
  const icon = "size-4";
  return (
    <Menu
      label={shell.settings}
      returnFocus={onDone}
      choice={{
        label: shell.colours,
        value: colours,
        options: COLOURS.map((value) => ({ value, label: shell.colourKinds[value] })),
        onChange: (value) => onPrefer({ ...preferences, colours: value as Colours }),
      }}
      trigger={<IconButton label={shell.settings}><Settings2 className={icon} aria-hidden /></IconButton>}
      items={[
        { label: <><Plus className={icon} aria-hidden />{shell.larger}</>, onSelect: () => onPrefer({ ...preferences, fontSize: fontSize + 1 }) },
        { label: <><Minus className={icon} aria-hidden />{shell.smaller}</>, onSelect: () => onPrefer({ ...preferences, fontSize: fontSize - 1 }) },
        {
          label: <><Ear className={icon} aria-hidden />{screenReader ? shell.screenReaderOff : shell.screenReaderOn}</>,
          onSelect: () => onPrefer({ ...preferences, screenReader: !screenReader }),
        },
        {
          label: <><WandSparkles className={icon} aria-hidden />{predictions ? shell.predictionsOff : shell.predictionsOn}</>,
          onSelect: () => onPrefer({ ...preferences, predictions: !predictions }),
        },
        {
          label: <><ClipboardPaste className={icon} aria-hidden />{asksBeforePaste ? shell.pasteAsksOff : shell.pasteAsksOn}</>,
          onSelect: () => onPrefer({ ...preferences, asksBeforePaste: !asksBeforePaste }),
        },
      ]}
    />
  );
}

function FullScreen({ onDone }: { onDone: () => void }) {
  const { full, toggle } = useFullScreen();
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

interface Props extends PreferencesProps {
  name: string;
  about: string | null;
  view: AttachView | null;
  /** Opens the command palette. */
  onGoTo: () => void;
  /** Opens another target beside this one; `null` where a row of tabs offers that. */
  onAdd: (() => void) | null;
  /** `null` while there is nothing to search in. */
  onSearch: (() => void) | null;
  /** `null` where one may not. */
  onEnd: (() => Promise<void>) | null;
  /** Where its site is away: orders it. */
  onEndLater: (() => Promise<void>) | null;
}

export function Bar({ name, about, view, preferences, onPrefer, onGoTo, onAdd, onSearch, onEnd, onEndLater, onDone }: Props) {
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
      <IconButton label={palette.open} title={shell.withKey(palette.open, keyName("K", navigator.platform, true))} onClick={onGoTo}><Compass className="size-4" aria-hidden /></IconButton>
      {onSearch && <IconButton label={output.search} title={shell.withKey(output.search, keyName("F", navigator.platform, true))} onClick={onSearch}><Search className="size-4" aria-hidden /></IconButton>}
      <FullScreen onDone={onDone} />
      <Preferences preferences={preferences} onPrefer={onPrefer} onDone={onDone} />
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
        consequence={isLater ? commands.endLaterAbout : watches ? shell.endOthersAbout : shell.endAbout}
        action={isLater ? commands.endLater : anywhere.endSession}
        onConfirm={act}
        explain={sentence}
        returnFocus={onDone}
      />
    </header>
  );
}

"use client";
/** One shell: a bar, what is to be known, the terminal, and how it ended. It stays attached while it is not shown. */
import "@xterm/xterm/css/xterm.css";
import { Search } from "lucide-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { tabState } from "@/lib/attachment/tab-look";
import { isFind, keyName } from "@/lib/shortcuts";
import type { TerminalPreferences } from "@/lib/terminal/preferences";
import { useShortcut } from "@/lib/use-shortcut";
import { anywhere } from "@/texts/anywhere";
import { kinds } from "@/texts/kinds";
import { output } from "@/texts/output";
import { shell } from "@/texts/shell";
import { IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";
import { Banner } from "../_attachment/banner";
import { Bar, FullScreen } from "../_attachment/bar";
import { Ended } from "../_attachment/ended";
import { Overlays } from "../_attachment/overlays";
import type { AttachmentProps } from "../_attachment/props";
import { useEnds } from "../_attachment/use-ends";
import { useFacts } from "../_attachment/use-facts";
import { KeyRow } from "./key-row";
import { PasteDialog } from "./paste-dialog";
import { Preferences } from "./preferences";
import { SearchBar } from "./search-bar";
import { usePaste } from "./use-paste";
import { useShell } from "./use-shell";
import { useUnseen } from "./use-unseen";

interface Props extends AttachmentProps {
  preferences: TerminalPreferences;
  onPrefer: (preferences: TerminalPreferences) => void;
}

/** Esc belongs to the target. */
const FULL_SCREEN_KEYS = ["Escape"];

export function Attachment({ way, shown, preferences, onPrefer, onWay, onAttach, onLook, onGoTo, onAdd, takeFocus }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const { view, broken, display, retryNow, agree, end, focus } = useShell(way, box, preferences, onWay);
  const terminal = display?.terminal ?? null;
  const [searches, setSearches] = useState(0);
  const { name: known, site, about, user, watched } = useFacts(way, way.watch || view?.mode === "watch");
  const name = known ?? kinds.shell.title;
  const ends = useEnds(view, watched, end);
  const over = view?.phase === "over";
  const seen = view?.opened === true;

  const unseen = useUnseen(display, shown);
  const state = tabState(view);
  const goesOn = seen && !over && view.mode === "own";
  const tellLook = useEffectEvent(onLook);
  useEffect(() => tellLook({ name, state, unseen, goesOn }), [name, state, unseen, goesOn]);

  const faces = useEffectEvent(() => {
    if (!shown) return;
    takeFocus.current = focus;
    // Until there is something to watch, the keys are for what stands there instead.
    if (!over && !view?.consent && (seen || !way.watch)) focus();
  });
  const watchesNow = way.watch && seen;
  useEffect(() => faces(), [shown, display, watchesNow]);

  const paste = usePaste(box, terminal, preferences.asksBeforePaste);
  const search = () => setSearches((count) => count + 1);
  useShortcut(isFind, () => shown && seen && search());
  return (
    // Until it stands it keeps its room, so that it begins with the right size; later it is not drawn at all.
    <div className={cx("absolute inset-0 flex-col bg-canvas", shown || !seen ? "flex" : "hidden", !shown && "invisible")} data-phase={view?.phase ?? "loading"} data-session={view?.sessionId ?? undefined}>
      {shown && <title>{anywhere.pageTitle(name)}</title>}
      <Bar name={name} words={kinds.shell} about={about} view={view} onGoTo={onGoTo} onAdd={onAdd} hasKeys ends={ends} onDone={focus}>
        {seen && <IconButton label={output.search} title={shell.withKey(output.search, keyName("F", navigator.platform, true))} onClick={search}><Search className="size-4" aria-hidden /></IconButton>}
        <FullScreen keys={FULL_SCREEN_KEYS} onDone={focus} />
        <Preferences preferences={preferences} onPrefer={onPrefer} onDone={focus} />
      </Bar>
      {view && <Banner view={view} typed={view} site={site} user={user} onRetry={retryNow} onDone={focus} />}
      <main className="relative min-h-0 flex-1">
        <h1 className="sr-only">{kinds.shell.heading(name)}</h1>
        <div ref={box} inert={way.watch && !seen} className={cx("terminal-box absolute inset-0 overflow-hidden bg-terminal", !seen && "opacity-0")} />
        {searches > 0 && terminal && (
          <SearchBar
            terminal={terminal}
            asked={searches}
            onClose={() => {
              setSearches(0);
              focus();
            }}
          />
        )}
        <Overlays
          name={name}
          words={kinds.shell}
          way={way}
          view={view}
          shown={shown}
          broken={broken ? anywhere.terminalNotLoaded : null}
          later={ends.admin && watched ? watched : null}
          onRetry={retryNow}
          onAgree={agree}
          onAttach={onAttach}
        />
      </main>
      {display && seen && !over && view.mode === "own" && <KeyRow display={display} />}
      {over && seen && <Ended view={view} name={name} words={kinds.shell} way={way} onAttach={onAttach} below />}
      {paste.asked !== null && (
        <PasteDialog
          text={paste.asked}
          onPaste={(text, asksBeforePaste) => {
            if (asksBeforePaste !== preferences.asksBeforePaste) onPrefer({ ...preferences, asksBeforePaste });
            paste.paste(text);
          }}
          onCancel={paste.cancel}
          returnFocus={focus}
        />
      )}
    </div>
  );
}

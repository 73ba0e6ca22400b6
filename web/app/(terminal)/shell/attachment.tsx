"use client";
/** One shell: a bar, what is to be known, the terminal, and how it ended. It stays attached while it is not shown. */
import "@xterm/xterm/css/xterm.css";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef, useState, type RefObject } from "react";
import { call } from "@/lib/api/client";
import { useMe } from "@/lib/api/hooks";
import { useOrderForSession } from "@/lib/api/orders";
import { isAway } from "@/lib/commands";
import { isFind } from "@/lib/shortcuts";
import { tabState, type TabLook } from "@/lib/attachment/tab-look";
import type { Way } from "@/lib/attachment/way";
import type { TerminalPreferences } from "@/lib/terminal/preferences";
import { useShortcut } from "@/lib/use-shortcut";
import { anywhere } from "@/texts/anywhere";
import { shell } from "@/texts/shell";
import { cx } from "@/ui/cx";
import { Failure } from "@/ui/states";
import { Bar } from "./bar";
import { Banner } from "../_attachment/banner";
import { Connecting } from "../_attachment/connecting";
import { Consent } from "../_attachment/consent";
import { Ended } from "../_attachment/ended";
import { KeyRow } from "./key-row";
import { PasteDialog } from "./paste-dialog";
import { SearchBar } from "./search-bar";
import { usePaste } from "./use-paste";
import { useShell } from "./use-shell";
import { useUnseen } from "./use-unseen";
import { WatchLater } from "../_attachment/watch-later";

interface Props {
  way: Way;
  shown: boolean;
  preferences: TerminalPreferences;
  onPrefer: (preferences: TerminalPreferences) => void;
  /** Its session stands. */
  onWay: (way: Way) => void;
  onAttach: (way: Way) => void;
  onLook: (look: TabLook) => void;
  onGoTo: () => void;
  /** Opens another one beside it; `null` where the row of tabs offers that. */
  onAdd: (() => void) | null;
  /** The shown one's: gives the terminal the focus. */
  takeFocus: RefObject<() => void>;
}

/** What stands above the terminal comes from the hub, once the terminal is on its way. */
function useFacts(way: Way, watches: boolean) {
  const target = useQuery({
    queryKey: ["GET /api/v1/targets/{id}", way.target],
    queryFn: () => call("GET /api/v1/targets/{id}", { path: { id: way.target } }),
    staleTime: 60_000,
  }).data;
  const watched = useQuery({
    queryKey: ["GET /api/v1/sessions/{id}", way.session],
    queryFn: () => call("GET /api/v1/sessions/{id}", { path: { id: way.session ?? "" } }),
    enabled: way.session !== null && watches,
    staleTime: 60_000,
  }).data;
  const account = target?.credentials.find(({ id }) => id === way.credential) ?? target?.credentials[0];
  // An auditor sees the session, but need not see its target.
  return {
    name: target?.name ?? watched?.target ?? shell.title,
    site: target?.zone ?? watched?.zone ?? null,
    username: watched?.username ?? account?.username,
    user: watched?.user ?? null,
    watched,
  };
}

export function Attachment({ way, shown, preferences, onPrefer, onWay, onAttach, onLook, onGoTo, onAdd, takeFocus }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const { view, broken, display, retryNow, agree, end, focus } = useShell(way, box, preferences, onWay);
  const terminal = display?.terminal ?? null;
  const [searches, setSearches] = useState(0);
  const { name, site, username, user, watched } = useFacts(way, way.watch || view?.mode === "watch");
  const me = useMe().data;
  const endOthers = async () => {
    if (view?.sessionId) await call("DELETE /api/v1/sessions/{id}", { path: { id: view.sessionId } });
  };
  const admin = me?.role === "admin";
  const order = useOrderForSession();
  const endLater = async () => {
    if (watched) await order("end", watched);
  };
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
      <Bar
        name={name}
        about={[username, site].filter(Boolean).join(" · ") || null}
        view={view}
        preferences={preferences}
        onPrefer={onPrefer}
        onGoTo={onGoTo}
        onAdd={onAdd}
        onSearch={seen ? search : null}
        onEnd={view?.mode !== "watch" ? async () => end() : admin ? endOthers : null}
        onEndLater={admin && watched ? endLater : null}
        onDone={focus}
      />
      {view && <Banner view={view} typed={view} site={site} user={user} onRetry={retryNow} onDone={focus} />}
      <main className="relative min-h-0 flex-1">
        <h1 className="sr-only">{shell.heading(name)}</h1>
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
        {broken && (
          <div className="absolute inset-x-4 top-10 mx-auto max-w-lg">
            <Failure onRetry={() => window.location.reload()}>{anywhere.terminalNotLoaded}</Failure>
          </div>
        )}
        {!broken && !over && view?.consent && <Consent name={name} text={view.consent} shown={shown} onAgree={agree} />}
        {!broken && !seen && !over && !view?.consent && <Connecting name={name} view={view} resumes={way.session !== null} watches={way.watch} onRetry={retryNow}>{admin && watched && isAway(view?.waitingFor?.code) && <WatchLater session={watched} />}</Connecting>}
        {over && !seen && <Ended view={view} name={name} way={way} onAttach={onAttach} />}
      </main>
      {display && seen && !over && view.mode === "own" && <KeyRow display={display} />}
      {over && seen && <Ended view={view} name={name} way={way} onAttach={onAttach} below />}
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

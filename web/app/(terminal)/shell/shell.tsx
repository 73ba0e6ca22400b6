"use client";
/** The whole window is one shell: a bar, what is to be known, the terminal, and how it ended. */
import "@xterm/xterm/css/xterm.css";
import Link from "next/link";
import { useQuery } from "@tanstack/react-query";
import { SquareTerminal } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { call } from "@/lib/api/client";
import { useMe } from "@/lib/api/hooks";
import { routes } from "@/lib/routes";
import { isFind, isPaletteInShell } from "@/lib/shortcuts";
import { loadPreferences, savePreferences } from "@/lib/terminal/preferences";
import { useShortcut } from "@/lib/use-shortcut";
import { buttonClass } from "@/ui/button";
import { cx } from "@/ui/cx";
import { Empty, Failure } from "@/ui/states";
import { Bar } from "./bar";
import { Banner } from "./banner";
import { Connecting } from "./connecting";
import { Consent } from "./consent";
import { Ended } from "./ended";
import { KeyRow } from "./key-row";
import { PasteDialog } from "./paste-dialog";
import { SearchBar } from "./search-bar";
import { useGoTo } from "./use-go-to";
import { usePaste } from "./use-paste";
import { useShell } from "./use-shell";
import { readWay, type Way } from "@/lib/shell/way";

function usePreferences() {
  const [preferences, setPreferences] = useState(loadPreferences);
  return [preferences, (wanted: typeof preferences) => setPreferences(savePreferences(wanted))] as const;
}

function Attachment({ way, onAttach }: { way: Way; onAttach: (way: Way) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [preferences, prefer] = usePreferences();
  const { view, broken, display, retryNow, agree, end, focus } = useShell(way, box, preferences);
  const terminal = display?.terminal ?? null;
  const [searches, setSearches] = useState(0);
  const target = useQuery({
    queryKey: ["GET /api/v1/targets/{id}", way.target],
    queryFn: () => call("GET /api/v1/targets/{id}", { path: { id: way.target } }),
    staleTime: 60_000,
  }).data;
  const me = useMe().data;
  const watched = useQuery({
    queryKey: ["GET /api/v1/sessions/{id}", way.session],
    queryFn: () => call("GET /api/v1/sessions/{id}", { path: { id: way.session ?? "" } }),
    enabled: way.session !== null && view?.mode === "watch",
    staleTime: 60_000,
  }).data;
  const endOthers = async () => {
    if (view?.sessionId) await call("DELETE /api/v1/sessions/{id}", { path: { id: view.sessionId } });
  };
  // An auditor sees the session, but need not see its target.
  const name = target?.name ?? watched?.target ?? "Shell";
  const site = target?.zone ?? watched?.zone ?? null;
  const account = target?.credentials.find(({ id }) => id === way.credential) ?? target?.credentials[0];
  const over = view?.phase === "over";
  const seen = view?.opened === true;
  const paste = usePaste(box, terminal, preferences.asksBeforePaste);
  const goTo = useGoTo(focus);
  const search = () => setSearches((count) => count + 1);
  useShortcut(isPaletteInShell, goTo.open);
  useShortcut(isFind, () => seen && search());
  return (
    <div className="flex h-dvh flex-col bg-canvas" data-phase={view?.phase ?? "loading"} data-session={view?.sessionId ?? undefined}>
      <title>{`${name} · OpenPAM`}</title>
      <Bar
        name={name}
        about={[watched?.username ?? account?.username, site].filter(Boolean).join(" · ") || null}
        view={view}
        preferences={preferences}
        onPrefer={prefer}
        onGoTo={goTo.open}
        onSearch={seen ? search : null}
        onEnd={view?.mode !== "watch" ? async () => end() : me?.role === "admin" ? endOthers : null}
        onDone={focus}
      />
      {view && <Banner view={view} site={site} user={watched?.user ?? null} onRetry={retryNow} onDone={focus} />}
      <main className="relative min-h-0 flex-1">
        <h1 className="sr-only">{`Shell on ${name}`}</h1>
        <div ref={box} className={cx("terminal-box absolute inset-0 bg-terminal", !seen && "opacity-0")} />
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
            <Failure onRetry={() => window.location.reload()}>The terminal could not be loaded. The hub may have been updated, or the network failed.</Failure>
          </div>
        )}
        {!broken && !over && view?.consent && <Consent name={name} text={view.consent} onAgree={agree} />}
        {!broken && !seen && !over && !view?.consent && <Connecting name={name} view={view} resumes={way.session !== null} watches={way.watch} onRetry={retryNow} />}
        {over && !seen && <Ended view={view} name={name} way={way} onAttach={onAttach} />}
      </main>
      {display && seen && !over && view.mode === "own" && <KeyRow display={display} />}
      {over && seen && <Ended view={view} name={name} way={way} onAttach={onAttach} below />}
      {paste.asked !== null && (
        <PasteDialog
          text={paste.asked}
          onPaste={(text, asksBeforePaste) => {
            if (asksBeforePaste !== preferences.asksBeforePaste) prefer({ ...preferences, asksBeforePaste });
            paste.paste(text);
          }}
          onCancel={paste.cancel}
          returnFocus={focus}
        />
      )}
      {goTo.palette}
    </div>
  );
}

export function ShellPage() {
  const [wanted, setWanted] = useState<{ way: Way | null; count: number } | null>(null);
  useEffect(() => setWanted({ way: readWay(window.location.search), count: 0 }), []);
  if (wanted === null) return <div className="h-dvh" role="status" aria-label="Loading" />;
  if (wanted.way === null) {
    return (
      <main className="mx-auto max-w-lg px-4 py-24">
        <Empty icon={<SquareTerminal />} title="No target is named in this address" action={<Link href={routes.targets()} className={buttonClass("primary")}>Go to my targets</Link>}>
          Choose the target that you want a shell on.
        </Empty>
      </main>
    );
  }
  return <Attachment key={wanted.count} way={wanted.way} onAttach={(way) => setWanted({ way, count: wanted.count + 1 })} />;
}

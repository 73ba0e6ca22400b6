"use client";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, Download, Film } from "lucide-react";
import Link from "next/link";
import { useEffect, useState } from "react";
import { address, call } from "@/lib/api/client";
import type { Session } from "@/lib/api/schema";
import { isDesktop } from "@/lib/attachment/way";
import type { Timeline } from "@/lib/cast/timeline";
import type { Frames } from "@/lib/desktop/playback/frames";
import { duration } from "@/lib/format";
import { routes } from "@/lib/routes";
import { player } from "@/texts/player";
import { buttonClass } from "@/ui/button";
import { Choice } from "@/ui/field";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { PageHead, Time } from "../../_components/page";
import { DESKTOP } from "./picture";
import { RecordingPlayer } from "./player";
import { DesktopReader, ShellReader } from "./readers";
import type { Show } from "./show";
import { SHELL } from "./terminal";
import { RecordingText } from "./text";
import { useArrival, type Source } from "./use-arrival";

type View = "play" | "text";
const VIEWS = (["play", "text"] as const).map((value) => ({ value, label: player.views[value] }));
const LIVE_MS = 3000;

const CASTS: Source<Timeline> = { operation: "GET /api/v1/recordings/{session_id}/cast", reader: () => new ShellReader() };
const PICTURES: Source<Frames> = { operation: "GET /api/v1/recordings/{session_id}/guac", reader: () => new DesktopReader() };

function About({ session }: { session: Session }) {
  const { start_time: start, end_time: end } = session;
  const who = session.username ? player.userAs(session.user, session.username) : session.user;
  const begun = <Time value={start} />;
  return end ? player.ran(who, session.zone, begun, duration(new Date(end).getTime() - new Date(start).getTime())) : player.runs(who, session.zone, begun);
}

const SHELL_FILES = [
  { kind: "recording", ending: "cast", operation: "GET /api/v1/recordings/{session_id}/cast" },
  { kind: "text", ending: "txt", operation: "GET /api/v1/recordings/{session_id}/text" },
] as const;
const DESKTOP_FILES = [{ kind: "recording", ending: "guac", operation: "GET /api/v1/recordings/{session_id}/guac" }] as const;

function Downloads({ session, name, desktop }: { session: string; name: string; desktop: boolean }) {
  return (desktop ? DESKTOP_FILES : SHELL_FILES).map(({ kind, ending, operation }) => (
    <a key={ending} href={address(operation, { session_id: session })} download={`${name}.${ending}`} aria-label={player.download[kind]} className={buttonClass("plain", true)}>
      <Download className="size-3.5" aria-hidden />{player.files[kind]}
    </a>
  ));
}

interface PlayingProps<Track, Command> {
  source: Source<Track>;
  show: Show<Track, Command>;
  session: string;
  live: boolean;
  attempt: number;
  onRetry: () => void;
}

function Playing<Track extends { full: boolean; durationMs: number }, Command>({ source, show, session, live, attempt, onRetry }: PlayingProps<Track, Command>) {
  const arrival = useArrival(source, session, attempt);
  const { track, error } = arrival;
  if (error?.missing) {
    return (
      <Empty icon={<Film />} title={player.missing} action={<button type="button" onClick={onRetry} className={buttonClass()}>{player.lookAgain}</button>}>
        {player.missingAbout}
      </Empty>
    );
  }
  if (error?.deleted) {
    return (
      <Empty icon={<Film />} title={player.gone}>
        {player.goneAbout}
      </Empty>
    );
  }
  return (
    <div className="space-y-3">
      {error && <Failure onRetry={onRetry}>{track ? player.butBefore(error.text) : error.text}</Failure>}
      {live && (
        <div role="status" className="flex flex-wrap items-center justify-between gap-3 rounded-xl border border-line bg-accent-soft px-4 py-2.5">
          <p>{player.stillRuns}</p>
          <button type="button" onClick={onRetry} className={buttonClass("plain", true)}>{player.readAgain}</button>
        </div>
      )}
      {track?.full && <p role="status" className="text-warn">{player.tooLarge}</p>}
      {arrival.bad > 0 && <p role="status" className="text-warn">{player.damaged(arrival.bad)}</p>}
      {track ? <RecordingPlayer show={show} track={track} read={arrival} /> : !error && <SkeletonRows rows={6} />}
    </div>
  );
}

function RecordingPage({ session }: { session: string }) {
  const [view, setView] = useState<View>("play");
  const [attempt, setAttempt] = useState(0);
  const asked = useQuery({
    queryKey: ["GET /api/v1/sessions/{id}", session],
    queryFn: () => call("GET /api/v1/sessions/{id}", { path: { id: session } }),
    refetchInterval: ({ state }) => (state.data && !state.data.end_time ? LIVE_MS : false),
  });
  const about = asked.data;
  const desktop = about !== undefined && isDesktop(about);
  const name = about ? `${about.target}-${about.start_time.slice(0, 19).replace(/[T:]/g, "-")}` : session;
  const playing = { session, attempt, live: about !== undefined && !about.end_time, onRetry: () => setAttempt(attempt + 1) };
  return (
    <>
      <Link href={routes.recordings()} className="mb-2 inline-flex items-center gap-1 text-[13px] text-muted hover:text-ink"><ArrowLeft className="size-3.5" aria-hidden />{player.all}</Link>
      <PageHead title={about ? player.titleOn(about.target) : player.title} about={about && <About session={about} />}>
        {!asked.isPending && <Downloads session={session} name={name} desktop={desktop} />}
      </PageHead>
      {asked.isPending ? <SkeletonRows rows={6} /> : desktop ? (
        <>
          <p className="mb-3 text-[13px] text-muted">{player.desktopAbout}</p>
          <Playing source={PICTURES} show={DESKTOP} {...playing} />
        </>
      ) : (
        <>
          <div className="mb-3"><Choice label={player.view} value={view} options={VIEWS} onChange={setView} /></div>
          {view === "text" ? <RecordingText session={session} /> : <Playing source={CASTS} show={SHELL} {...playing} />}
        </>
      )}
    </>
  );
}

export default function Page() {
  const [session, setSession] = useState<string | null>();
  useEffect(() => setSession(new URLSearchParams(window.location.search).get("session")), []);
  if (session === undefined) return <SkeletonRows />;
  if (!session) {
    return (
      <Empty icon={<Film />} title={player.unnamed} action={<Link href={routes.recordings()} className={buttonClass("primary")}>{player.toAll}</Link>}>
        {player.unnamedAbout}
      </Empty>
    );
  }
  return <RecordingPage session={session} />;
}

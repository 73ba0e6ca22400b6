"use client";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, Download, Film } from "lucide-react";
import Link from "next/link";
import { useEffect, useState } from "react";
import { address, call } from "@/lib/api/client";
import type { Session } from "@/lib/api/schema";
import { duration } from "@/lib/format";
import { routes } from "@/lib/routes";
import { player } from "@/texts/player";
import { buttonClass } from "@/ui/button";
import { Choice } from "@/ui/field";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { PageHead, Time } from "../../_components/page";
import { RecordingPlayer } from "./player";
import { RecordingText } from "./text";
import { useCast } from "./use-cast";

type View = "play" | "text";
const VIEWS = (["play", "text"] as const).map((value) => ({ value, label: player.views[value] }));
const LIVE_MS = 3000;

function About({ session }: { session: Session }) {
  const { start_time: start, end_time: end } = session;
  const who = session.username ? player.userAs(session.user, session.username) : session.user;
  const begun = <Time value={start} />;
  return end ? player.ran(who, session.zone, begun, duration(new Date(end).getTime() - new Date(start).getTime())) : player.runs(who, session.zone, begun);
}

function Downloads({ session, name }: { session: string; name: string }) {
  const files = [
    { kind: "recording", ending: "cast", href: address("GET /api/v1/recordings/{session_id}/cast", { session_id: session }) },
    { kind: "text", ending: "txt", href: address("GET /api/v1/recordings/{session_id}/text", { session_id: session }) },
  ] as const;
  return files.map(({ kind, ending, href }) => (
    <a key={ending} href={href} download={`${name}.${ending}`} aria-label={player.download[kind]} className={buttonClass("plain", true)}>
      <Download className="size-3.5" aria-hidden />{player.files[kind]}
    </a>
  ));
}

function Playing({ session, live, onRetry, attempt }: { session: string; live: boolean; attempt: number; onRetry: () => void }) {
  const cast = useCast(session, attempt);
  const { timeline, error } = cast;
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
      {error && <Failure onRetry={onRetry}>{timeline ? player.butBefore(error.text) : error.text}</Failure>}
      {live && (
        <div role="status" className="flex flex-wrap items-center justify-between gap-3 rounded-xl border border-line bg-accent-soft px-4 py-2.5">
          <p>{player.stillRuns}</p>
          <button type="button" onClick={onRetry} className={buttonClass("plain", true)}>{player.readAgain}</button>
        </div>
      )}
      {timeline?.full && <p role="status" className="text-warn">{player.tooLarge}</p>}
      {cast.bad > 0 && <p role="status" className="text-warn">{player.damaged(cast.bad)}</p>}
      {timeline ? <RecordingPlayer timeline={timeline} durationMs={cast.durationMs} complete={cast.complete} /> : !error && <SkeletonRows rows={6} />}
    </div>
  );
}

function RecordingPage({ session }: { session: string }) {
  const [view, setView] = useState<View>("play");
  const [attempt, setAttempt] = useState(0);
  const about = useQuery({
    queryKey: ["GET /api/v1/sessions/{id}", session],
    queryFn: () => call("GET /api/v1/sessions/{id}", { path: { id: session } }),
    refetchInterval: ({ state }) => (state.data && !state.data.end_time ? LIVE_MS : false),
  }).data;
  const name = about ? `${about.target}-${about.start_time.slice(0, 19).replace(/[T:]/g, "-")}` : session;
  return (
    <>
      <Link href={routes.recordings()} className="mb-2 inline-flex items-center gap-1 text-[13px] text-muted hover:text-ink"><ArrowLeft className="size-3.5" aria-hidden />{player.all}</Link>
      <PageHead title={about ? player.titleOn(about.target) : player.title} about={about && <About session={about} />}>
        <Downloads session={session} name={name} />
      </PageHead>
      <div className="mb-3"><Choice label={player.view} value={view} options={VIEWS} onChange={setView} /></div>
      {view === "text" ? <RecordingText session={session} /> : <Playing session={session} live={about !== undefined && !about.end_time} attempt={attempt} onRetry={() => setAttempt(attempt + 1)} />}
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

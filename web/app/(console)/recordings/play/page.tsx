"use client";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, Download, Film } from "lucide-react";
import Link from "next/link";
import { useEffect, useState } from "react";
import { address, call } from "@/lib/api/client";
import type { Session } from "@/lib/api/schema";
import { duration } from "@/lib/format";
import { routes } from "@/lib/routes";
import { buttonClass } from "@/ui/button";
import { Choice } from "@/ui/field";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { PageHead, Time } from "../../_components/page";
import { RecordingPlayer } from "./player";
import { RecordingText } from "./text";
import { useCast } from "./use-cast";

type View = "play" | "text";
const VIEWS = [{ value: "play", label: "Play" }, { value: "text", label: "Text" }] as const;
const LIVE_MS = 3000;

function About({ session }: { session: Session }) {
  const { start_time: start, end_time: end } = session;
  const account = session.username ? ` as ${session.username}` : "";
  return (
    <>
      {`${session.user}${account} in ${session.zone}, `}<Time value={start} />{end ? `, ${duration(new Date(end).getTime() - new Date(start).getTime())}` : ", still running"}
    </>
  );
}

function Downloads({ session, name }: { session: string; name: string }) {
  const files = [
    { label: "Recording", ending: "cast", href: address("GET /api/v1/recordings/{session_id}/cast", { session_id: session }) },
    { label: "Text", ending: "txt", href: address("GET /api/v1/recordings/{session_id}/text", { session_id: session }) },
  ];
  return files.map(({ label, ending, href }) => (
    <a key={ending} href={href} download={`${name}.${ending}`} aria-label={`Download ${label.toLowerCase()}`} className={buttonClass("plain", true)}>
      <Download className="size-3.5" aria-hidden />{label}
    </a>
  ));
}

function Playing({ session, live, onRetry, attempt }: { session: string; live: boolean; attempt: number; onRetry: () => void }) {
  const cast = useCast(session, attempt);
  const { timeline, error } = cast;
  if (error?.missing) {
    return (
      <Empty icon={<Film />} title="There is no recording of this session here" action={<button type="button" onClick={onRetry} className={buttonClass()}>Look again</button>}>
        The session may never have opened, or the site that recorded it has no connection now: then the recording comes once it has.
      </Empty>
    );
  }
  if (error?.deleted) {
    return (
      <Empty icon={<Film />} title="This recording was deleted">
        Its zone kept it as long as it keeps recordings. Who was there, when, and how it ended stays in the audit.
      </Empty>
    );
  }
  return (
    <div className="space-y-3">
      {error && <Failure onRetry={onRetry}>{error.text}{timeline ? " What came before can be played." : ""}</Failure>}
      {live && (
        <div role="status" className="flex flex-wrap items-center justify-between gap-3 rounded-xl border border-line bg-accent-soft px-4 py-2.5">
          <p>This session is still running. You see it as far as it was recorded when you opened this page.</p>
          <button type="button" onClick={onRetry} className={buttonClass("plain", true)}>Read it again</button>
        </div>
      )}
      {timeline?.full && <p role="status" className="text-warn">This recording is too large for a browser: only its first part is played. Download it for the whole.</p>}
      {cast.bad > 0 && <p role="status" className="text-warn">{`${cast.bad} damaged ${cast.bad === 1 ? "line was" : "lines were"} left out.`}</p>}
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
      <Link href={routes.recordings()} className="mb-2 inline-flex items-center gap-1 text-[13px] text-muted hover:text-ink"><ArrowLeft className="size-3.5" aria-hidden />All recordings</Link>
      <PageHead title={about ? `Recording on ${about.target}` : "Recording"} about={about && <About session={about} />}>
        <Downloads session={session} name={name} />
      </PageHead>
      <div className="mb-3"><Choice label="View" value={view} options={VIEWS} onChange={setView} /></div>
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
      <Empty icon={<Film />} title="No recording is named in this address" action={<Link href={routes.recordings()} className={buttonClass("primary")}>Go to the recordings</Link>}>
        Choose the one that you want to see.
      </Empty>
    );
  }
  return <RecordingPage session={session} />;
}

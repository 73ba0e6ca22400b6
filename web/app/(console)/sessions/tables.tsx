"use client";
import { Eye, Film } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { seesAll } from "@/lib/api/hooks";
import type { Me, Session } from "@/lib/api/schema";
import { bytes, duration } from "@/lib/format";
import { routes } from "@/lib/routes";
import { reasonWords } from "@/lib/attachment/reasons";
import { protocolOf } from "@/lib/attachment/way";
import { anywhere } from "@/texts/anywhere";
import { sessions } from "@/texts/sessions";
import { Badge } from "@/ui/badge";
import { buttonClass } from "@/ui/button";
import { Table, Two, type Column } from "@/ui/table";
import { Time } from "../_components/page";
import { StatusBadge } from "../audit/status";
import { EndSession } from "./end";

/** On a phone the user stands below the target. */
function Where({ session, all }: { session: Session; all: boolean }) {
  const more = [session.username, session.zone].filter(Boolean).join(" · ");
  return <Two main={session.target} more={<>{all && <span className="md:hidden">{`${session.user} · `}</span>}{more}</>} />;
}

const target = (all: boolean): Column<Session> => ({ key: "target", head: anywhere.target, grow: true, cell: (session) => <Where session={session} all={all} /> });
const user: Column<Session> = { key: "user", head: anywhere.user, wide: true, cell: (session) => session.user };
const started: Column<Session> = { key: "start", head: anywhere.started, wide: true, cell: (session) => <Time value={session.start_time} /> };

/** From where, over what: what tells two sessions of the same user apart. */
const from: Column<Session> = {
  key: "from",
  head: sessions.from,
  wider: true,
  cell: ({ client_ip: ip, transport }) => <Two main={<span className="font-mono text-xs font-normal">{ip ?? "–"}</span>} more={transport && sessions.over(transport.toUpperCase())} />,
};

/** Printed first: it is what grows. */
const traffic = ({ bytes_received: printed, bytes_sent: typed }: Session): string =>
  printed === null || printed === undefined ? "–" : `${bytes(printed)} / ${bytes(typed ?? 0)}`;

const moved: Column<Session> = {
  key: "bytes",
  head: sessions.traffic,
  wider: true,
  right: true,
  cell: (session) => <span title={sessions.trafficAbout} className="tabular-nums">{traffic(session)}</span>,
};

const IDLE_MS = 60_000;

/** Nothing was typed for a while; below that nobody wants to know. */
function Idle({ since }: { since: string | null | undefined }) {
  const ms = since ? Date.now() - new Date(since).getTime() : 0;
  return ms < IDLE_MS ? null : <div className="mt-0.5 text-[13px] text-muted">{sessions.idle(duration(ms))}</div>;
}

const lasted = (from: string, to: number): string => duration(to - new Date(from).getTime());

export function LiveTable({ rows, me }: { rows: Session[]; me: Me }) {
  const router = useRouter();
  const all = seesAll(me.role);
  const own = (session: Session) => session.user_id === me.id;
  const resume = (session: Session) => routes.shell(session.target_id, { protocol: protocolOf(session), session: session.id });
  const watch = (session: Session) => routes.shell(session.target_id, { protocol: protocolOf(session), session: session.id, watch: true });
  const columns: Column<Session>[] = [
    target(all),
    ...(all ? [user] : []),
    from,
    started,
    { key: "runs", head: sessions.runsFor, wide: true, cell: (session) => lasted(session.start_time, Date.now()) },
    moved,
    {
      key: "attached",
      head: anywhere.state,
      wide: true,
      cell: ({ attached, last_input_at: since }) => (
        <>
          {attached ? <Badge tone="ok" dot>{sessions.inUse}</Badge> : <Badge tone="warn" dot title={sessions.waitingAbout}>{sessions.waiting}</Badge>}
          <Idle since={since} />
        </>
      ),
    },
    {
      key: "actions",
      head: "",
      right: true,
      cell: (session) => (
        <div className="inline-flex gap-1.5">
          {own(session) && (
            <Link href={resume(session)} aria-label={sessions.resumeOn(session.target)} className={buttonClass("primary", true)}>{sessions.resume}</Link>
          )}
          {!own(session) && (
            <Link href={watch(session)} aria-label={sessions.watchOn(session.user, session.target)} className={buttonClass("plain", true)}><Eye className="size-3.5" aria-hidden /><span className="hidden sm:inline">{sessions.watch}</span></Link>
          )}
          {(own(session) || me.role === "admin") && <EndSession session={session} own={own(session)} mayOrder={me.role === "admin"} />}
        </div>
      ),
    },
  ];
  return (
    <Table
      label={sessions.liveLabel}
      columns={columns}
      rows={rows}
      rowKey={(session) => session.id}
      onOpen={(session) => router.push(own(session) ? resume(session) : watch(session))}
    />
  );
}

function Ended({ session }: { session: Session }) {
  const reason = session.end_code ? reasonWords(session.end_code) : null;
  return (
    <div title={session.error_message ?? undefined}>
      <StatusBadge status={session.session_status} />
      {reason && <div className="mt-0.5 hidden text-[13px] text-muted sm:block">{reason}</div>}
    </div>
  );
}

export function EndedTable({ rows, all }: { rows: Session[]; all: boolean }) {
  const router = useRouter();
  const columns: Column<Session>[] = [
    target(all),
    ...(all ? [user] : []),
    started,
    { key: "lasted", head: sessions.lasted, wide: true, cell: ({ start_time, end_time }) => (end_time ? lasted(start_time, new Date(end_time).getTime()) : "–") },
    moved,
    { key: "status", head: sessions.ended, cell: (session) => <Ended session={session} /> },
    {
      key: "recording",
      head: "",
      right: true,
      cell: ({ id, target: name }) => (
        <Link href={routes.recording(id)} aria-label={sessions.recordingOn(name)} className={buttonClass("plain", true)}><Film className="size-3.5" aria-hidden /><span className="hidden sm:inline">{anywhere.recording}</span></Link>
      ),
    },
  ];
  return <Table label={sessions.endedLabel} columns={columns} rows={rows} rowKey={(session) => session.id} onOpen={(session) => router.push(routes.recording(session.id))} />;
}

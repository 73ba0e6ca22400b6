"use client";
import { Film, Monitor, Play, Search, SquareTerminal } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState, type FormEvent } from "react";
import { seesAll, useList, useMe } from "@/lib/api/hooks";
import type { Recording } from "@/lib/api/schema";
import { isDesktop } from "@/lib/attachment/way";
import { bytes, clock, shortTime } from "@/lib/format";
import { routes } from "@/lib/routes";
import { anywhere } from "@/texts/anywhere";
import { kinds } from "@/texts/kinds";
import { pages } from "@/texts/pages";
import { recordings } from "@/texts/recordings";
import { Badge } from "@/ui/badge";
import { Button, buttonClass } from "@/ui/button";
import { cx } from "@/ui/cx";
import { inputClass } from "@/ui/field";
import { Empty } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { Listing, PageHead, Time } from "../_components/page";

const REFRESH_MS = 5000;
const MAX_TEXT_CHARS = 200;

/** The lines with what was looked for. */
function Lines({ lines }: { lines: string[] }) {
  if (lines.length === 0) return <p className="mt-1 text-[13px] text-muted">{recordings.noLines}</p>;
  return (
    <ul aria-label={recordings.lines} className="mt-1.5 max-w-[60ch] space-y-0.5">
      {lines.map((line, index) => <li key={index} className="truncate rounded bg-sunken px-1.5 py-0.5 font-mono text-xs" title={line} dir="auto">{line}</li>)}
    </ul>
  );
}

/** Asks only when it is sent off: each search is an event. */
function TextSearch({ onSearch }: { onSearch: (text: string) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSearch(String(new FormData(event.currentTarget).get("text") ?? "").trim());
  };
  return (
    <form role="search" onSubmit={submit} className="flex w-[calc(100vw-2rem)] gap-2 sm:w-96">
      <div className="relative flex-1">
        <Search aria-hidden className="absolute top-2.5 left-2.5 size-4 text-faint sm:top-2" />
        <input
          type="search"
          name="text"
          aria-label={recordings.searchLabel}
          placeholder={recordings.searchFor}
          maxLength={MAX_TEXT_CHARS}
          autoComplete="off"
          onChange={(event) => event.target.value === "" && onSearch("")}
          className={cx(inputClass, "pl-8")}
        />
      </div>
      <Button type="submit">{recordings.search}</Button>
    </form>
  );
}

function Completeness({ recording }: { recording: Recording }) {
  if (recording.deleted_at) return <Badge title={recordings.deletedAt(shortTime(recording.deleted_at))}>{anywhere.deleted}</Badge>;
  if (recording.complete) return null;
  if (!recording.end_time) return <Badge tone="info" dot title={recordings.liveAbout}>{recordings.live}</Badge>;
  return <Badge tone="warn" dot title={recordings.incompleteAbout}>{recordings.incomplete}</Badge>;
}

/** A shell or a desktop, and over what. */
function Kind({ recording }: { recording: Recording }) {
  const [Icon, kind] = isDesktop(recording) ? [Monitor, kinds.desktop] : [SquareTerminal, kinds.shell];
  return (
    <span className="inline-flex items-center gap-1.5">
      <Icon className="size-3.5 text-muted" aria-hidden />{kind.title}<span className="text-muted">{recording.protocol.toUpperCase()}</span>
    </span>
  );
}

function columns(all: boolean): Column<Recording>[] {
  const user: Column<Recording> = { key: "user", head: anywhere.user, wide: true, cell: (recording) => recording.user };
  return [
    { key: "target", head: anywhere.target, grow: true, cell: (recording) => <Two main={<span className="inline-flex items-center gap-2">{recording.target}<Completeness recording={recording} /></span>} more={<>{all && <span className="md:hidden">{`${recording.user} · `}</span>}{recording.zone}{recording.lines && <Lines lines={recording.lines} />}</>} /> },
    ...(all ? [user] : []),
    { key: "kind", head: recordings.kind, wider: true, cell: (recording) => <Kind recording={recording} /> },
    { key: "start", head: anywhere.started, cell: (recording) => <Time value={recording.start_time} /> },
    { key: "length", head: recordings.length, wide: true, right: true, cell: (recording) => clock(recording.duration_ms) },
    { key: "size", head: recordings.size, wider: true, right: true, cell: (recording) => bytes(recording.size_bytes) },
    { key: "kept", head: recordings.keptUntil, wider: true, cell: ({ kept_until: until, deleted_at: deleted }) => (deleted ? <span className="text-faint">–</span> : until ? <Time value={until} /> : <span className="text-faint" title={recordings.noEndAbout}>{recordings.noEnd}</span>) },
    {
      key: "play",
      head: "",
      right: true,
      cell: (recording) => !recording.deleted_at && (
        <Link href={routes.recording(recording.session_id)} aria-label={recordings.playOn(recording.target)} className={buttonClass("plain", true)}>
          <Play className="size-3.5" aria-hidden /><span className="hidden sm:inline">{anywhere.play}</span>
        </Link>
      ),
    },
  ];
}

/** What was recorded: one's own, or everybody's for admins and auditors. */
export default function RecordingsPage() {
  const router = useRouter();
  const me = useMe().data;
  const all = seesAll(me?.role);
  const [text, setText] = useState("");
  const list = useList("GET /api/v1/recordings", text ? { text } : {}, text ? {} : { everyMs: REFRESH_MS });
  const nothing = text ? (
    <Empty icon={<Search />} title={recordings.notFound(text)}>{recordings.notFoundAbout}</Empty>
  ) : (
    <Empty icon={<Film />} title={recordings.none}>{recordings.noneAbout}</Empty>
  );
  return (
    <>
      <PageHead title={pages.recordings} about={all ? recordings.aboutAll : recordings.aboutOwn}><TextSearch onSearch={setText} /></PageHead>
      <Listing list={list} empty={nothing}>
        {(rows) => <Table label={pages.recordings} columns={columns(all)} rows={rows} rowKey={(row) => row.session_id} faded={(row) => Boolean(row.deleted_at)} onOpen={(row) => router.push(routes.recording(row.session_id))} />}
      </Listing>
    </>
  );
}

"use client";
import { Film, Play } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { seesAll, useList, useMe } from "@/lib/api/hooks";
import type { Recording } from "@/lib/api/schema";
import { bytes, clock } from "@/lib/format";
import { routes } from "@/lib/routes";
import { Badge } from "@/ui/badge";
import { buttonClass } from "@/ui/button";
import { Empty } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { Listing, PageHead, Time } from "../_components/page";

const REFRESH_MS = 5000;

function Completeness({ recording }: { recording: Recording }) {
  if (recording.complete) return null;
  if (!recording.end_time) return <Badge tone="info" dot title="The session is still running">Live</Badge>;
  return <Badge tone="warn" dot title="The rest of it is still at the site, and comes when the site has a connection">Incomplete</Badge>;
}

function columns(all: boolean): Column<Recording>[] {
  const user: Column<Recording> = { key: "user", head: "User", wide: true, cell: (recording) => recording.user };
  return [
    { key: "target", head: "Target", grow: true, cell: (recording) => <Two main={<span className="inline-flex items-center gap-2">{recording.target}<Completeness recording={recording} /></span>} more={<>{all && <span className="md:hidden">{`${recording.user} · `}</span>}{recording.zone}</>} /> },
    ...(all ? [user] : []),
    { key: "start", head: "Started", cell: (recording) => <Time value={recording.start_time} /> },
    { key: "length", head: "Length", wide: true, right: true, cell: (recording) => clock(recording.duration_ms) },
    { key: "size", head: "Size", wider: true, right: true, cell: (recording) => bytes(recording.size_bytes) },
    {
      key: "play",
      head: "",
      right: true,
      cell: (recording) => (
        <Link href={routes.recording(recording.session_id)} aria-label={`Play the recording on ${recording.target}`} className={buttonClass("plain", true)}>
          <Play className="size-3.5" aria-hidden /><span className="hidden sm:inline">Play</span>
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
  const list = useList("GET /api/v1/recordings", {}, { everyMs: REFRESH_MS });
  return (
    <>
      <PageHead title="Recordings" about={all ? "Every session, as it was on its screen." : "Your sessions, as they were on your screen."} />
      <Listing list={list} empty={<Empty icon={<Film />} title="Nothing is recorded yet">Every session is recorded while it runs, and can be played here afterwards.</Empty>}>
        {(rows) => <Table label="Recordings" columns={columns(all)} rows={rows} rowKey={(row) => row.session_id} onOpen={(row) => router.push(routes.recording(row.session_id))} />}
      </Listing>
    </>
  );
}

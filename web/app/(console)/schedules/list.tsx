"use client";
/** All schedules, newest first, those in one state alone where one asks for it. */
import { CalendarDays } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useList } from "@/lib/api/hooks";
import type { ScheduledAccess } from "@/lib/api/schema";
import { shortTime } from "@/lib/format";
import { anywhere } from "@/texts/anywhere";
import { pages } from "@/texts/pages";
import { schedulePages } from "@/texts/schedule-pages";
import { Badge, type Tone } from "@/ui/badge";
import { Select } from "@/ui/field";
import { Empty } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { termsInWords } from "../admin/grants/words";
import { Listing } from "../_components/page";

type Status = ScheduledAccess["status"];

const REFRESH_MS = 10_000;
const TONES: Record<Status, Tone> = { pending: "info", active: "ok", expired: "none", cancelled: "none" };
const STATUSES = Object.keys(TONES) as Status[];

export function StatusBadge({ status }: { status: Status }) {
  return <Badge tone={TONES[status]} dot>{schedulePages.status[status]}</Badge>;
}

/** "Opens Mar 2, 08:00"; where nothing comes any more, nothing. */
export function nextWords({ status, next_change }: ScheduledAccess): string | null {
  if (!next_change) return null;
  return status === "active" ? schedulePages.closes(shortTime(next_change)) : schedulePages.opens(shortTime(next_change));
}

const columns = (all: boolean): Column<ScheduledAccess>[] => [
  ...(all ? [{ key: "user", head: anywhere.user, wide: true, breaks: true, cell: (row: ScheduledAccess) => row.user }] : []),
  { key: "target", head: anywhere.target, breaks: true, cell: (row) => <>{all && <div className="md:hidden">{row.user}</div>}<Two main={row.target} more={row.zone} /></> },
  { key: "when", head: schedulePages.when, grow: true, wide: true, cell: (row) => <span className="text-muted">{termsInWords({ schedule: row })}</span> },
  { key: "next", head: schedulePages.next, wide: true, cell: (row) => nextWords(row) ?? <span className="text-faint">–</span> },
  { key: "status", head: anywhere.state, right: true, cell: (row) => <><StatusBadge status={row.status} /><div className="text-[13px] text-muted md:hidden">{nextWords(row)}</div></> },
];

export function List({ all, empty, onOpen }: { all: boolean; empty: ReactNode; onOpen: (schedule: string) => void }) {
  const [status, setStatus] = useState<Status | "">("");
  const list = useList("GET /api/v1/schedules", status === "" ? {} : { status }, { everyMs: REFRESH_MS });
  return (
    <>
      <div className="mb-3 max-w-48">
        <Select label={anywhere.state} hideLabel defaultValue="" onChange={(event) => setStatus(event.target.value as Status | "")}>
          <option value="">{schedulePages.anyStatus}</option>
          {STATUSES.map((one) => <option key={one} value={one}>{schedulePages.status[one]}</option>)}
        </Select>
      </div>
      <Listing list={list} empty={status === "" ? empty : <Empty icon={<CalendarDays />} title={schedulePages.noneSo} />}>
        {(rows) => <Table label={pages.schedules} columns={columns(all)} rows={rows} rowKey={(row) => row.id} faded={(row) => row.status === "cancelled" || row.status === "expired"} onOpen={(row) => onOpen(row.id)} />}
      </Listing>
    </>
  );
}

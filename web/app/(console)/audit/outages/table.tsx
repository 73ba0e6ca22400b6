"use client";
import { Unplug } from "lucide-react";
import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import type { Outage } from "@/lib/api/schema";
import { differencesWords, lasted } from "@/lib/outages";
import { routes } from "@/lib/routes";
import { anywhere } from "@/texts/anywhere";
import { outages } from "@/texts/outages";
import { Badge } from "@/ui/badge";
import { Empty } from "@/ui/states";
import { Table, type Column } from "@/ui/table";
import { Listing, Time, type ListState } from "../../_components/page";

function Differences({ outage }: { outage: Outage }) {
  const words = differencesWords(outage);
  return outage.difference_count > 0 ? <Badge tone="warn" dot>{words}</Badge> : <span className="text-muted">{words}</span>;
}

const ZONE: Column<Outage> = { key: "zone", head: anywhere.zone, grow: true, cell: (row) => <span className="font-medium">{row.zone}</span> };
const COLUMNS: Column<Outage>[] = [
  { key: "since", head: outages.since, cell: (row) => <Time value={row.since} /> },
  { key: "until", head: outages.until, wide: true, cell: (row) => <Time value={row.until} /> },
  { key: "lasted", head: outages.lasted, wide: true, cell: lasted },
  { key: "sessions", head: outages.sessions, wider: true, right: true, cell: (row) => row.sessions ?? "–" },
  { key: "differences", head: outages.decided, cell: (row) => <Differences outage={row} /> },
];

interface Props {
  list: ListState<Outage>;
  /** Where all are of one. */
  ofOneZone?: boolean;
  none: string;
  children?: ReactNode;
}

/** Outages, each the way to its report. */
export function Outages({ list, ofOneZone, none, children }: Props) {
  const router = useRouter();
  return (
    <Listing list={list} empty={<Empty icon={<Unplug />} title={none}>{children}</Empty>}>
      {(rows) => <Table label={outages.tab} columns={ofOneZone ? COLUMNS : [ZONE, ...COLUMNS]} rows={rows} rowKey={(row) => row.id} onOpen={(row) => router.push(routes.outage(row.id))} />}
    </Listing>
  );
}

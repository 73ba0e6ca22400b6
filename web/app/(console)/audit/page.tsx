"use client";
import { ScrollText } from "lucide-react";
import { Suspense, useState } from "react";
import { useList } from "@/lib/api/hooks";
import { audit } from "@/texts/audit";
import { auditLists } from "@/texts/audit-lists";
import { pages } from "@/texts/pages";
import { Button } from "@/ui/button";
import { Empty, SkeletonRows } from "@/ui/states";
import { Table } from "@/ui/table";
import { Listing } from "../_components/page";
import { COLUMNS } from "./columns";
import { Details } from "./details";
import { Filters } from "./filters";
import { asQuery, isSet, useFilter } from "./filter";
import { AuditHead } from "./head";

const REFRESH_MS = 5000;

function AuditPage() {
  const [filter, change] = useFilter();
  const list = useList("GET /api/v1/audit", asQuery(filter), { everyMs: REFRESH_MS });
  const [opened, setOpened] = useState<string | null>(null);
  const row = list.rows?.find((entry) => entry.id === opened);
  const empty = isSet(filter) ? (
    <Empty icon={<ScrollText />} title={auditLists.noSession} action={<Button onClick={() => change({})}>{auditLists.clearFilters}</Button>} />
  ) : (
    <Empty icon={<ScrollText />} title={audit.noSessionsYet}>{auditLists.noSessionsAbout}</Empty>
  );
  return (
    <>
      <AuditHead page="sessions" query={asQuery(filter)} />
      <Filters filter={filter} onChange={change} />
      <Listing list={list} empty={empty}>
        {(rows) => <Table label={pages.audit} columns={COLUMNS} rows={rows} rowKey={(entry) => entry.id} onOpen={(entry) => setOpened(entry.id)} />}
      </Listing>
      {row && <Details row={row} onClose={() => setOpened(null)} />}
    </>
  );
}

export default function Page() {
  return <Suspense fallback={<SkeletonRows />}><AuditPage /></Suspense>;
}

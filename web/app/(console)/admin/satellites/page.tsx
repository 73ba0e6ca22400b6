"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { Radio } from "lucide-react";
import { useWholeList } from "@/lib/api/hooks";
import { routes } from "@/lib/routes";
import { byAttention, issues, summary } from "@/lib/satellite/attention";
import { pages } from "@/texts/pages";
import { satellitePages } from "@/texts/satellite-pages";
import { Badge } from "@/ui/badge";
import { buttonClass } from "@/ui/button";
import { Empty } from "@/ui/states";
import { Table } from "@/ui/table";
import { PageHead } from "../../_components/page";
import { SearchListing } from "../../_components/search";
import { COLUMNS } from "./columns";

const REFRESH_MS = 5000;

export default function SatellitesPage() {
  // Whole, because what needs attention comes first wherever it stands in the hub's order.
  const list = useWholeList("GET /api/v1/admin/satellites", { everyMs: REFRESH_MS });
  const router = useRouter();
  const rows = list.rows && byAttention(list.rows);
  return (
    <>
      <PageHead title={pages.satellites} about={satellitePages.about}>
        {rows && summary(rows).map(({ words, tone }) => <Badge key={words} tone={tone} dot>{words}</Badge>)}
      </PageHead>
      <SearchListing
        list={{ ...list, rows }}
        label={satellitePages.search}
        words={(row) => [row.zone, row.name, row.state, row.version, row.transport, ...issues(row).map(({ short }) => short)]}
        empty={
          <Empty icon={<Radio />} title={satellitePages.none} action={<Link href={routes.zones()} className={buttonClass("primary")}>{satellitePages.toZones}</Link>}>
            {satellitePages.noneAbout}
          </Empty>
        }
      >
        {(shown) => (
          <Table
            label={pages.satellites}
            columns={COLUMNS}
            rows={shown}
            rowKey={(row) => row.id}
            faded={(row) => row.state === "revoked"}
            onOpen={(row) => router.push(routes.satellite(row.id))}
          />
        )}
      </SearchListing>
    </>
  );
}

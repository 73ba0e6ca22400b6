"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { Radio } from "lucide-react";
import { useWholeList } from "@/lib/api/hooks";
import { routes } from "@/lib/routes";
import { byAttention, issues, summary } from "@/lib/satellite/attention";
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
      <PageHead title="Satellites" about="The nodes at the sites. They dial out to the hub and own the sessions there.">
        {rows && summary(rows).map(({ words, tone }) => <Badge key={words} tone={tone} dot>{words}</Badge>)}
      </PageHead>
      <SearchListing
        list={{ ...list, rows }}
        label="Search satellites"
        words={(row) => [row.zone, row.name, row.state, row.version, row.transport, ...issues(row).map(({ short }) => short)]}
        empty={
          <Empty icon={<Radio />} title="No satellite has joined yet" action={<Link href={routes.zones()} className={buttonClass("primary")}>Go to zones</Link>}>
            Create a zone for the site and a join token on its page, then run the command that it shows on a machine at the site. That machine needs
            a way out to the hub, and no open port.
          </Empty>
        }
      >
        {(shown) => (
          <Table
            label="Satellites"
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

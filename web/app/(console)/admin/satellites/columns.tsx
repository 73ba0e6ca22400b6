import Link from "next/link";
import type { Satellite } from "@/lib/api/schema";
import { bytes, milliseconds } from "@/lib/format";
import { routes } from "@/lib/routes";
import { aloneWords, policyShort } from "@/lib/satellite/policy";
import { lossWords, satelliteName, worstLoss } from "@/lib/satellite/words";
import { anywhere } from "@/texts/anywhere";
import { pages } from "@/texts/pages";
import { satelliteFacts } from "@/texts/satellite-facts";
import { sitePolicy } from "@/texts/site-policy";
import { satellitePages } from "@/texts/satellite-pages";
import { Two, type Column } from "@/ui/table";
import { Time } from "../../_components/page";
import { Issues, SatelliteBadge, TransportWords } from "../../_components/satellite";
import { SatelliteActions } from "../../_components/satellite-actions";

function Since({ satellite }: { satellite: Satellite }) {
  const { online_since: since, last_seen: seen, offline_since: away } = satellite;
  const alone = aloneWords(satellite);
  if (away) return <>{satellitePages.since(<Time value={away} />)}{alone && <div className="w-min min-w-full whitespace-normal md:w-auto">{alone}</div>}</>;
  if (since) return satellitePages.since(<Time value={since} />);
  return seen ? satellitePages.seen(<Time value={seen} ago />) : satellitePages.neverSeen;
}

function Line({ satellite }: { satellite: Satellite }) {
  const { rtt_ms: rtt, loss_permille: loss } = satellite;
  const lost = worstLoss(loss);
  return <Two main={<span className="font-normal">{rtt == null ? "–" : milliseconds(rtt)}</span>} more={lost && <span title={lossWords(loss) ?? undefined}>{lost}</span>} />;
}

/** What is not known while it is away is said to be that, not nothing. */
function Sessions({ state, sessions }: Satellite) {
  return state === "online" ? sessions : <span className="text-faint" title={state === "revoked" ? undefined : satellitePages.unknownAway}>–</span>;
}

export const COLUMNS: Column<Satellite>[] = [
  {
    key: "name",
    head: anywhere.satellite,
    grow: true,
    cell: (row) => (
      <>
        <Two main={<Link href={routes.satellite(row.id)} className="hover:underline">{satelliteName(row)}</Link>} more={satellitePages.zone(row.zone)} />
        <Issues satellite={row} />
      </>
    ),
  },
  { key: "state", head: anywhere.state, cell: (row) => <><SatelliteBadge state={row.state} /><div className="mt-0.5 text-[13px] text-muted"><Since satellite={row} /></div></> },
  { key: "transport", head: anywhere.transport, wide: true, cell: (row) => <TransportWords transport={row.transport} note={row.transport_note} short /> },
  { key: "line", head: satelliteFacts.roundTrip, wide: true, cell: (row) => <Line satellite={row} /> },
  {
    key: "policy",
    head: sitePolicy.policy,
    wide: true,
    cell: (row) => <Two main={<span className="font-normal">{policyShort(row) ?? (row.state === "revoked" ? "–" : sitePolicy.noneShort)}</span>} more={row.spool_bytes ? satellitePages.waiting(bytes(row.spool_bytes)) : null} />,
  },
  { key: "sessions", head: pages.sessions, wide: true, right: true, cell: Sessions },
  { key: "version", head: satelliteFacts.version, wider: true, cell: (row) => row.version ?? "–" },
  { key: "actions", head: "", wide: true, right: true, cell: (row) => <SatelliteActions satellite={row} /> },
];

"use client";
/** What is known of a satellite, as facts. What it tells only while its tunnel stands is left out when it does not. */
import type { ReactNode } from "react";
import type { Satellite } from "@/lib/api/schema";
import { bytes, clockTime, milliseconds } from "@/lib/format";
import { issues, type Issue } from "@/lib/satellite/attention";
import { aloneWords, changeWords, hasStopped, policyWords } from "@/lib/satellite/policy";
import { clockWords, diskWords, guacdWords, limits, lossWords } from "@/lib/satellite/words";
import { anywhere } from "@/texts/anywhere";
import { sitePolicy } from "@/texts/site-policy";
import { satelliteFacts } from "@/texts/satellite-facts";
import { satellites } from "@/texts/satellites";
import { cx } from "@/ui/cx";
import type { Fact } from "@/ui/facts";
import { Time } from "./page";
import { SatelliteBadge, TransportWords } from "./satellite";

/** A value, coloured where it is an issue; the words of the issue stand above the facts. */
function Checked({ satellite, issue, children }: { satellite: Satellite; issue: Issue["key"]; children: ReactNode }) {
  const tone = issues(satellite).find(({ key }) => key === issue)?.tone;
  return <span className={cx(tone === "warn" && "font-medium text-warn", tone === "bad" && "font-medium text-bad")}>{children}</span>;
}

type Maybe = Fact | false;
const kept = (facts: Maybe[]): Fact[] => facts.filter((fact): fact is Fact => fact !== false);

/** A moment with its distance: "Nov 25, 22:53 (3 h ago)". */
function Moment({ value }: { value: string }) {
  return <><Time value={value} /> <span className="text-muted">(<Time value={value} ago />)</span></>;
}

export const stateFact = (satellite: Satellite): Fact => ({
  name: anywhere.state,
  value: <span className="flex flex-wrap items-center gap-x-2 gap-y-1"><SatelliteBadge state={satellite.state} /><span className="text-muted">{hasStopped(satellite) ? satellites.stopped : satellites.stateAbout[satellite.state]}</span></span>,
});

/** How it hangs on the hub. */
export function lineFacts(satellite: Satellite): Fact[] {
  const { transport, transport_note: note, rtt_ms: rtt, online_since: since, last_seen: seen, clock_skew_ms: skew } = satellite;
  const loss = lossWords(satellite.loss_permille);
  return kept([
    transport != null && { name: anywhere.transport, value: <TransportWords transport={transport} note={note} /> },
    since != null ? { name: satelliteFacts.onlineSince, value: <Moment value={since} /> } : { name: satellite.offline_since ? sitePolicy.offlineSince : anywhere.lastSeen, value: seen ? <Moment value={seen} /> : satelliteFacts.never },
    transport != null && { name: satelliteFacts.roundTrip, value: rtt == null ? satelliteFacts.notMeasured : milliseconds(rtt) },
    transport != null && { name: satelliteFacts.packetsLost, value: loss ?? (transport === "tcp" ? satelliteFacts.notCountedTcp : satelliteFacts.notCounted) },
    transport != null && { name: satelliteFacts.bus, value: satellite.on_bus ? satelliteFacts.onBus : <>{satelliteFacts.notOnBus} <span className="text-muted">{satelliteFacts.notOnBusAbout}</span></> },
    skew != null && { name: satelliteFacts.clock, value: <Checked satellite={satellite} issue="clock">{clockWords(skew)}</Checked> },
  ]);
}

/** By which policy it decides, and how long it goes on without the hub. */
export function policyFacts(satellite: Satellite): Fact[] {
  const { policy_taken_at: taken, state } = satellite;
  // While it is away an issue says the same above.
  const change = satellite.offline_since ? null : changeWords(satellite);
  const alone = aloneWords(satellite);
  const issue = satellite.policy_refused ? "refused" : "behind";
  return kept([
    state !== "revoked" && {
      name: sitePolicy.policy,
      value: (
        <>
          <Checked satellite={satellite} issue={issue}>{policyWords(satellite)}</Checked>
          {taken && <span className="ml-2 text-muted">{sitePolicy.since(clockTime(taken))}</span>}
          {change && <p className="mt-0.5">{change}</p>}
        </>
      ),
    },
    alone !== null && { name: sitePolicy.alone, value: alone },
  ]);
}

/** What runs and waits there. */
export function machineFacts(satellite: Satellite): Fact[] {
  const { state, sessions, version, guacd, has_desktops: hasDesktops, spool_bytes: spool, events_waiting: events } = satellite;
  const waits = satellite.offline_since ? satelliteFacts.waited : satelliteFacts.onTheirWay;
  const disk = diskWords(satellite.disk_free_bytes, satellite.disk_bytes);
  return kept([
    state === "online" && { name: satelliteFacts.sessionsNow, value: sessions },
    { name: satelliteFacts.version, value: version ?? "–" },
    disk !== null && { name: satelliteFacts.disk, value: <Checked satellite={satellite} issue="disk">{disk}</Checked> },
    guacd != null && {
      name: satelliteFacts.desktops,
      value: (
        <>
          <Checked satellite={satellite} issue="guacd">{guacdWords(guacd)}</Checked> <span className="text-muted">(<Time value={guacd.since} ago />)</span>
          {!guacd.here && !hasDesktops && <span className="ml-2 text-muted">{satelliteFacts.noneNeeded}</span>}
        </>
      ),
    },
    spool != null && { name: satelliteFacts.recordingsWaiting, value: spool === 0 ? satelliteFacts.nothingWaits : waits(bytes(spool)) },
    events != null && { name: satelliteFacts.eventsWaiting, value: events === 0 ? satelliteFacts.nothingWaits : waits(String(events)) },
  ]);
}

export function certificateFact(satellite: Satellite): Fact {
  const { certificate_expires_at: end } = satellite;
  return { name: satelliteFacts.certificateUntil, value: end ? <Checked satellite={satellite} issue="certificate"><Time value={end} /> (<Time value={end} ago />)</Checked> : "–" };
}

export function identityFacts(satellite: Satellite): Fact[] {
  return [
    { name: satelliteFacts.machine, value: satellite.name || "–" },
    { name: satelliteFacts.joined, value: <Time value={satellite.joined_at} /> },
    certificateFact(satellite),
    { name: satelliteFacts.id, value: <span className="font-mono text-xs">{satellite.id}</span> },
  ];
}

const orAny = (words: string[]): ReactNode => (words.length === 0 ? satelliteFacts.any : <span className="font-mono text-xs">{words.join(", ")}</span>);

/** The site's own limits, one by one; `null` where none are known. */
export function limitFacts({ reach }: Satellite): Fact[] | null {
  const known = limits(reach);
  return known && [
    { name: satelliteFacts.protocols, value: known.protocols.length === 0 ? satelliteFacts.any : known.protocols.join(", ") },
    { name: satelliteFacts.ports, value: orAny(known.ports) },
    { name: satelliteFacts.networks, value: orAny(known.networks) },
  ];
}

/** The limits in one sentence, or that there are none; nothing while nobody tells. */
export function limitSentence({ reach, state }: Satellite): string | null {
  const known = limits(reach);
  if (known) return satelliteFacts.allowsOnly(known);
  return state === "online" ? satelliteFacts.noLimits : null;
}

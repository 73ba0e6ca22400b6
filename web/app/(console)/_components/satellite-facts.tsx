"use client";
/** What is known of a satellite, as facts. What it tells only while its tunnel stands is left out when it does not. */
import type { ReactNode } from "react";
import type { Satellite } from "@/lib/api/schema";
import { bytes, milliseconds } from "@/lib/format";
import { issues, type Issue } from "@/lib/satellite/attention";
import { aboutState, clockWords, diskWords, limits, limitWords, lossWords } from "@/lib/satellite/words";
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

export const stateFact = ({ state }: Satellite): Fact => ({
  name: "State",
  value: <span className="flex flex-wrap items-center gap-x-2 gap-y-1"><SatelliteBadge state={state} /><span className="text-muted">{aboutState(state)}</span></span>,
});

/** How it hangs on the hub. */
export function lineFacts(satellite: Satellite): Fact[] {
  const { transport, transport_note: note, rtt_ms: rtt, online_since: since, last_seen: seen, clock_skew_ms: skew } = satellite;
  const loss = lossWords(satellite.loss_permille);
  return kept([
    transport != null && { name: "Transport", value: <TransportWords transport={transport} note={note} /> },
    since != null ? { name: "Online since", value: <Moment value={since} /> } : { name: "Last seen", value: seen ? <Moment value={seen} /> : "never" },
    transport != null && { name: "Round trip", value: rtt == null ? "not measured yet" : milliseconds(rtt) },
    transport != null && { name: "Packets lost", value: loss ?? (transport === "tcp" ? "not counted over TCP" : "not counted yet") },
    skew != null && { name: "Clock", value: <Checked satellite={satellite} issue="clock">{clockWords(skew)}</Checked> },
  ]);
}

/** What runs and waits there. */
export function machineFacts(satellite: Satellite): Fact[] {
  const { state, sessions, version, spool_bytes: spool, events_waiting: events } = satellite;
  const disk = diskWords(satellite.disk_free_bytes, satellite.disk_bytes);
  return kept([
    state === "online" && { name: "Sessions now", value: sessions },
    { name: "Version", value: version ?? "–" },
    disk !== null && { name: "Disk", value: <Checked satellite={satellite} issue="disk">{disk}</Checked> },
    spool != null && { name: "Recordings waiting", value: spool === 0 ? "none" : `${bytes(spool)} on their way to the hub` },
    events != null && { name: "Events waiting", value: events === 0 ? "none" : `${events} on their way to the hub` },
  ]);
}

export function certificateFact(satellite: Satellite): Fact {
  const { certificate_expires_at: end } = satellite;
  return { name: "Certificate until", value: end ? <Checked satellite={satellite} issue="certificate"><Time value={end} /> (<Time value={end} ago />)</Checked> : "–" };
}

export function identityFacts(satellite: Satellite): Fact[] {
  return [
    { name: "Machine", value: satellite.name || "–" },
    { name: "Joined", value: <Time value={satellite.joined_at} /> },
    certificateFact(satellite),
    { name: "Satellite id", value: <span className="font-mono text-xs">{satellite.id}</span> },
  ];
}

const orAny = (words: string[]): ReactNode => (words.length === 0 ? "any" : <span className="font-mono text-xs">{words.join(", ")}</span>);

/** The site's own limits, one by one; `null` where none are known. */
export function limitFacts({ reach }: Satellite): Fact[] | null {
  const known = limits(reach);
  return known && [
    { name: "Protocols", value: known.protocols.length === 0 ? "any" : known.protocols.join(", ") },
    { name: "Ports", value: orAny(known.ports) },
    { name: "Networks", value: orAny(known.networks) },
  ];
}

/** The limits in one sentence, or that there are none; nothing while nobody tells. */
export function limitSentence({ reach, state }: Satellite): string | null {
  const known = limits(reach);
  if (known) return limitWords(known);
  return state === "online" ? "The site sets no limits of its own; grants alone decide." : null;
}

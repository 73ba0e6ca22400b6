/** Which satellites need somebody, why, and in which order they are shown. No clock: the time comes in. */
import type { Satellite } from "@/lib/api/schema";
import { relative } from "@/lib/format";
import { satelliteIssues } from "@/texts/satellite-issues";
import { changeWords, policyShort } from "./policy";
import { clockWords, diskWords, satelliteName } from "./words";

const DAY_MS = 86_400_000;
/** A certificate that ends within this has not been renewed when it should have been. */
export const CERTIFICATE_WARNING_MS = DAY_MS;
export const CLOCK_WARNING_MS = 60_000;
/** Less free than this part of the disk. */
export const DISK_WARNING = 0.05;

export interface Issue {
  key: "quarantined" | "readmission" | "certificate" | "clock" | "disk" | "guacd" | "draining" | "refused" | "behind";
  tone: "bad" | "warn";
  /** In a few words, for a list. */
  short: string;
  /** What it means, and what to do. */
  more: string;
}

/** It was away for too long, and an administrator has to let it back in. Releasing a quarantine does that too. */
export const asksBack = ({ state, readmission_asked_at: asked, readmission_until: until }: Satellite, now = Date.now()): boolean =>
  asked != null && state !== "revoked" && state !== "quarantined" && !(until != null && new Date(until).getTime() > now);

function decisions(satellite: Satellite, now: number): Issue[] {
  if (satellite.state === "quarantined") {
    return [{
      key: "quarantined",
      tone: "bad",
      ...satelliteIssues.quarantined,
    }];
  }
  if (!satellite.readmission_asked_at || !asksBack(satellite)) return [];
  return [{
    key: "readmission",
    tone: "bad",
    short: satelliteIssues.readmission.short,
    more: satelliteIssues.readmission.more(relative(satellite.readmission_asked_at, now)),
  }];
}

function certificate({ state, certificate_expires_at: end }: Satellite, now: number): Issue[] {
  if (!end) return [];
  const left = new Date(end).getTime() - now;
  if (left > CERTIFICATE_WARNING_MS) return [];
  const short = left > 0 ? satelliteIssues.certificate.ends(relative(end, now)) : satelliteIssues.certificate.ranOut(relative(end, now));
  const more = state === "online" ? satelliteIssues.certificate.online : satelliteIssues.certificate.away;
  return [{ key: "certificate", tone: left > 0 || state !== "online" ? "warn" : "bad", short, more }];
}

function clock({ clock_skew_ms: skew }: Satellite): Issue[] {
  if (skew == null || Math.abs(skew) <= CLOCK_WARNING_MS) return [];
  return [{ key: "clock", tone: "warn", short: satelliteIssues.clock.short(clockWords(skew)), more: satelliteIssues.clock.more }];
}

function disk({ disk_free_bytes: free, disk_bytes: size }: Satellite): Issue[] {
  if (free == null || !size || free >= size * DISK_WARNING) return [];
  const { full, nearlyFull, more } = satelliteIssues.disk;
  return [{ key: "disk", tone: free === 0 ? "bad" : "warn", short: free === 0 ? full : nearlyFull(diskWords(free, size)), more }];
}

/** Where no target is a desktop none is missed. */
function guacd({ guacd: found, has_desktops: desktops }: Satellite): Issue[] {
  if (!desktops || !found || (found.here && found.protocols.length > 0)) return [];
  const { away, offersNone, more } = satelliteIssues.guacd;
  return [{ key: "guacd", tone: "warn", short: found.here ? offersNone : away, more: more(found.address, found.error) }];
}

function draining({ draining: drains }: Satellite): Issue[] {
  if (!drains) return [];
  return [{ key: "draining", tone: "warn", ...satelliteIssues.draining }];
}

/** A policy that it will not have, or cannot get. One that is on its way needs nobody. */
function policy(satellite: Satellite, now: number): Issue[] {
  if (satellite.policy_refused) {
    return [{ key: "refused", tone: "bad", short: satelliteIssues.refused.short, more: satelliteIssues.refused.more(satellite.policy_refused) }];
  }
  const change = satellite.offline_since ? changeWords(satellite, now) : null;
  return change ? [{ key: "behind", tone: "warn", short: satelliteIssues.behind(policyShort(satellite) ?? ""), more: change }] : [];
}

/** Everything about a satellite that needs somebody, the worst first. A revoked one needs nobody. */
export function issues(satellite: Satellite, now: number = Date.now()): Issue[] {
  if (satellite.state === "revoked") return [];
  const undecided = decisions(satellite, now);
  // A certificate is no matter of its own while the way to a new one is shut.
  const all = [...undecided, ...(undecided.length > 0 ? [] : certificate(satellite, now)), ...clock(satellite), ...disk(satellite), ...guacd(satellite), ...draining(satellite), ...policy(satellite, now)];
  return all.sort((a, b) => Number(b.tone === "bad") - Number(a.tone === "bad"));
}

function rank(satellite: Satellite, now: number): number {
  if (satellite.state === "revoked") return 6;
  if (satellite.state === "quarantined") return 0;
  if (asksBack(satellite)) return 1;
  if (satellite.state === "offline") return 2;
  const [worst] = issues(satellite, now);
  if (!worst) return 5;
  return worst.tone === "bad" ? 3 : 4;
}

/** What needs attention first, then by zone and name; the revoked last. */
export function byAttention(satellites: Satellite[], now: number = Date.now()): Satellite[] {
  return satellites
    .map((satellite) => ({ satellite, rank: rank(satellite, now) }))
    .sort((a, b) => a.rank - b.rank || a.satellite.zone.localeCompare(b.satellite.zone) || satelliteName(a.satellite).localeCompare(satelliteName(b.satellite)))
    .map(({ satellite }) => satellite);
}

export interface Count {
  words: string;
  tone: "ok" | "warn" | "bad";
}

/** "3 online", "1 offline", "1 needs your decision", "1 with a warning": the whole list in one line, without the revoked. */
export function summary(satellites: Satellite[], now: number = Date.now()): Count[] {
  const ranks = satellites.map((satellite) => rank(satellite, now));
  const undecided = ranks.filter((one) => one < 2).length;
  const offline = ranks.filter((one) => one === 2).length;
  const warned = ranks.filter((one) => one === 3 || one === 4).length;
  const online = satellites.filter(({ state }) => state === "online").length;
  const counts: (Count & { count: number })[] = [
    { count: undecided, words: satelliteIssues.counts.undecided(undecided), tone: "bad" },
    { count: offline, words: satelliteIssues.counts.offline(offline), tone: "warn" },
    { count: warned, words: satelliteIssues.counts.warned(warned), tone: "warn" },
    { count: online, words: satelliteIssues.counts.online(online), tone: "ok" },
  ];
  return counts.filter(({ count }) => count > 0).map(({ words, tone }) => ({ words, tone }));
}

/** What a satellite measures and allows, in words. */
import type { Loss, Reach, Satellite, SatelliteState, Transport } from "@/lib/api/schema";
import { bytes, duration } from "@/lib/format";

/** Clocks closer than this are as good as equal. */
const IN_STEP_MS = 1000;

/** Machines may have no name. */
export const satelliteName = ({ name, id }: Satellite): string => name || `…${id.slice(-6)}`;

/** What it means for the people there; why and what to do about it, `issues` say. */
const ABOUT: Record<SatelliteState, string> = {
  online: "Its tunnel to the hub stands.",
  offline: "It has no tunnel to the hub. Its sessions go on at the site.",
  revoked: "It was revoked for good and cannot come back.",
  quarantined: "Set aside: nobody reaches its zone until it is released.",
};

export const aboutState = (state: SatelliteState): string => ABOUT[state];

const TRANSPORTS: Record<Transport, string> = { quic: "QUIC", tcp: "TCP" };

export const transportWord = (transport: Transport | null | undefined): string => (transport ? TRANSPORTS[transport] : "–");

/** "3 min ahead", "2 s behind": its clock beside the hub's. */
export function clockWords(skewMs: number): string {
  const size = Math.abs(skewMs);
  if (size < IN_STEP_MS) return "in step with the hub’s";
  return `${duration(size)} ${skewMs > 0 ? "ahead" : "behind"}`;
}

const percent = (permille: number): string => `${Number((permille / 10).toFixed(1))} %`;

/** "0.3 % to it, 1.2 % from it"; `null` where nobody counted. */
export function lossWords(loss: Loss | null | undefined): string | null {
  const ways = [[loss?.to, "to it"], [loss?.from, "from it"]] as const;
  const counted = ways.filter(([permille]) => permille != null);
  if (counted.length === 0) return null;
  if (counted.every(([permille]) => permille === 0)) return "none";
  return counted.map(([permille, way]) => `${percent(permille ?? 0)} ${way}`).join(", ");
}

/** The worse of both ways, for where there is room for one only; `null` where nothing got lost. */
export function worstLoss(loss: Loss | null | undefined): string | null {
  const permille = Math.max(loss?.to ?? 0, loss?.from ?? 0);
  return permille > 0 ? `${percent(permille)} lost` : null;
}

/** "12 GB free of 250 GB". */
export function diskWords(free: number | null | undefined, size: number | null | undefined): string | null {
  if (free == null) return null;
  return size == null ? `${bytes(free)} free` : `${bytes(free)} free of ${bytes(size)}`;
}

/** "a", "a and b", "a, b and c". */
export function listed(words: string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

const counted = (one: string, words: string[]): string => `${words.length === 1 ? one : `${one}s`} ${listed(words)}`;

export interface Limits {
  networks: string[];
  ports: string[];
  protocols: string[];
}

/** The site's own limits; `null` where it sets none. An empty list limits nothing. */
export function limits(reach: Reach | null | undefined): Limits | null {
  if (!reach) return null;
  const { networks, ports } = reach;
  const protocols = reach.protocols.map((protocol) => protocol.toUpperCase());
  return networks.length + ports.length + protocols.length > 0 ? { networks, ports, protocols } : null;
}

/** "The site allows only SSH on port 22 in network 10.20.0.0/16." */
export function limitWords({ networks, ports, protocols }: Limits): string {
  const words: string[] = [];
  if (protocols.length > 0) words.push(listed(protocols));
  if (ports.length > 0) words.push((words.length > 0 ? "on " : "") + counted("port", ports));
  if (networks.length > 0) words.push((words.length > 0 ? "in " : "") + counted("network", networks));
  return `The site allows only ${words.join(" ")}.`;
}

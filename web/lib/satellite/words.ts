/** What a satellite measures and allows, in words. */
import type { Guacd, Loss, Reach, Satellite, Transport } from "@/lib/api/schema";
import { bytes, duration } from "@/lib/format";
import { listed } from "@/texts/listed";
import { satelliteFacts } from "@/texts/satellite-facts";
import { satellites } from "@/texts/satellites";

/** Clocks closer than this are as good as equal. */
const IN_STEP_MS = 1000;

/** Machines may have no name. */
export const satelliteName = ({ name, id }: Satellite): string => name || `…${id.slice(-6)}`;

const TRANSPORTS: Record<Transport, string> = { quic: "QUIC", tcp: "TCP" };

export const transportWord = (transport: Transport | null | undefined): string => (transport ? TRANSPORTS[transport] : "–");

/** "3 min ahead", "2 s behind": its clock beside the hub's. */
export function clockWords(skewMs: number): string {
  const size = Math.abs(skewMs);
  if (size < IN_STEP_MS) return satellites.inStep;
  return skewMs > 0 ? satellites.ahead(duration(size)) : satellites.behind(duration(size));
}

const percent = (permille: number): string => satellites.percent(Number((permille / 10).toFixed(1)));

/** "0.3 % to it, 1.2 % from it"; `null` where nobody counted. */
export function lossWords(loss: Loss | null | undefined): string | null {
  const ways = [[loss?.to, satellites.lostTo], [loss?.from, satellites.lostFrom]] as const;
  const counted = ways.filter(([permille]) => permille != null);
  if (counted.length === 0) return null;
  if (counted.every(([permille]) => permille === 0)) return satellites.noneLost;
  return counted.map(([permille, way]) => way(percent(permille ?? 0))).join(", ");
}

/** The worse of both ways, for where there is room for one only; `null` where nothing got lost. */
export function worstLoss(loss: Loss | null | undefined): string | null {
  const permille = Math.max(loss?.to ?? 0, loss?.from ?? 0);
  return permille > 0 ? satellites.lost(percent(permille)) : null;
}

/** "12 GB free of 250 GB". */
export function diskWords(free: number | null | undefined, size: number | null | undefined): string | null {
  if (free == null) return null;
  return size == null ? satellites.free(bytes(free)) : satellites.freeOf(bytes(free), bytes(size));
}

/** "guacd at 127.0.0.1:4822, 1.3.0 or newer: RDP and VNC": what draws its desktops; `null` while nobody knows. */
export function guacdWords(guacd: Guacd | null | undefined): string | null {
  if (!guacd) return null;
  const address = guacd.tls ? satelliteFacts.overTls(guacd.address) : guacd.address;
  if (!guacd.here) return satelliteFacts.guacdAway(address, guacd.error ?? "–");
  const protocols = guacd.protocols.map((protocol) => protocol.toUpperCase());
  return satelliteFacts.guacd(address, guacd.version ?? null, protocols.length > 0 ? listed(protocols) : satelliteFacts.noProtocol);
}

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

/** A satellite for tests, in order unless told otherwise. */
import type { Guacd, Satellite } from "@/lib/api/schema";

export const NOW = Date.UTC(2026, 10, 25, 12);
export const HOUR_MS = 3_600_000;
export const at = (ms: number): string => new Date(NOW + ms).toISOString();

/** One that is there, unless told otherwise. */
export const guacd = (more: Partial<Guacd> = {}): Guacd => ({ address: "127.0.0.1:4822", tls: false, here: true, version: "1.3.0", protocols: ["rdp", "vnc"], since: at(-HOUR_MS), error: null, ...more });

export const satellite = (more: Partial<Satellite> = {}): Satellite => ({
  id: "019de70a-0000-7000-8000-00000000c0de",
  zone_id: "019de70a-0000-7000-8000-0000000020e5",
  zone: "plant-7",
  name: "gate-7",
  state: "online",
  transport: "quic",
  last_seen: at(0),
  version: "0.1.0",
  rtt_ms: 42.3,
  joined_at: at(-90 * 24 * HOUR_MS),
  certificate_expires_at: at(120 * HOUR_MS),
  sessions: 3,
  online_since: at(-5 * HOUR_MS),
  transport_note: null,
  on_bus: true,
  loss_permille: { to: 0, from: 0 },
  clock_skew_ms: 12,
  disk_free_bytes: 180e9,
  disk_bytes: 250e9,
  spool_bytes: 0,
  events_waiting: 0,
  guacd: null,
  has_desktops: false,
  draining: false,
  reach: null,
  readmission_asked_at: null,
  offline_since: null,
  policy_version: 420,
  policy_taken_at: at(-2 * HOUR_MS),
  newest_policy_version: 420,
  newest_policy_at: at(-2 * HOUR_MS),
  policy_refused: null,
  offline_until: null,
  ...more,
});

/** One whose tunnel is gone: the hub then knows only what it wrote down. */
export const away = (more: Partial<Satellite> = {}): Satellite =>
  satellite({
    state: "offline",
    transport: null,
    rtt_ms: null,
    sessions: 0,
    online_since: null,
    last_seen: at(-3 * HOUR_MS),
    offline_since: at(-3 * HOUR_MS),
    offline_until: at(21 * HOUR_MS),
    loss_permille: null,
    clock_skew_ms: null,
    disk_free_bytes: null,
    disk_bytes: null,
    spool_bytes: null,
    events_waiting: null,
    ...more,
  });

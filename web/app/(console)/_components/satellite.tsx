/** A satellite in the looks that several pages share. */
import { CircleAlert, CircleX } from "lucide-react";
import type { Satellite, SatelliteState, Transport } from "@/lib/api/schema";
import { issues } from "@/lib/satellite/attention";
import { transportWord } from "@/lib/satellite/words";
import { satelliteIssues } from "@/texts/satellite-issues";
import { satellites } from "@/texts/satellites";
import { Badge, type Tone } from "@/ui/badge";
import { cx } from "@/ui/cx";

const TONES: Record<SatelliteState, Tone> = { online: "ok", offline: "warn", revoked: "none", quarantined: "bad" };

export function SatelliteBadge({ state }: { state: SatelliteState }) {
  return <Badge tone={TONES[state]} dot title={satellites.stateAbout[state]}>{satellites.states[state]}</Badge>;
}

/** What carries its tunnel; where that is not QUIC, why. In a list the reason is cut, and whole in a tooltip. */
export function TransportWords({ transport, note, short }: { transport: Transport | null | undefined; note: string | null | undefined; short?: boolean }) {
  return (
    <>
      {transportWord(transport)}
      {transport && note && (
        <span title={note} className={cx("text-muted", short ? "line-clamp-2 w-40 text-[13px] wrap-anywhere whitespace-normal" : "ml-2 wrap-anywhere")}>{note}</span>
      )}
    </>
  );
}

const LOOKS = { bad: "text-bad", warn: "text-warn" };

/** What needs somebody, in a few words each. */
export function Issues({ satellite }: { satellite: Satellite }) {
  const found = issues(satellite);
  if (found.length === 0) return null;
  return (
    <ul aria-label={satelliteIssues.attention} className="mt-0.5 text-[13px] font-normal">
      {found.map(({ key, tone, short, more }) => (
        <li key={key} title={more} className={cx("flex items-start gap-1.5", LOOKS[tone])}>
          <CircleAlert className="mt-0.75 size-3.5 shrink-0" aria-hidden />
          <span className="min-w-0">{short}</span>
        </li>
      ))}
    </ul>
  );
}

const BOXES = { bad: "border-bad/40 bg-bad-soft text-bad", warn: "border-warn/40 bg-warn-soft text-warn" };

/** The same with what it means and what to do. */
export function IssueNotices({ satellite }: { satellite: Satellite }) {
  const found = issues(satellite);
  if (found.length === 0) return null;
  return (
    <ul aria-label={satelliteIssues.attention} className="mb-4 space-y-2">
      {found.map(({ key, tone, short, more }) => {
        const Icon = tone === "bad" ? CircleX : CircleAlert;
        return (
          <li key={key} className={cx("flex items-start gap-2.5 rounded-xl border px-4 py-2.5", BOXES[tone])}>
            <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
            <div className="min-w-0">
              <p className="font-medium">{short}</p>
              <p className="text-[13px] text-ink">{more}</p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

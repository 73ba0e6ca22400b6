"use client";
/** How much of the picture is asked for: the choice, and what is in force now and why. */
import type { Latency } from "@/lib/attachment/machine";
import { QUALITIES, type Quality, type Saving } from "@/lib/desktop/quality";
import { milliseconds } from "@/lib/format";
import { desktop } from "@/texts/desktop";
import { Choice } from "@/ui/field";

interface Props {
  quality: Quality;
  saving: Saving | null;
  latency: Latency | null;
  onQuality: (quality: Quality) => void;
}

function inForce(quality: Quality, saving: Saving | null, latency: Latency | null): string {
  const words = desktop.inForce;
  if (saving?.cause === "slow") return words.slow(milliseconds(saving.ms));
  if (saving?.cause === "behind") return words.behind;
  if (saving !== null) return words.low;
  if (quality === "text") return words.text;
  return words.auto(latency && milliseconds(latency.hubMs + (latency.siteMs ?? 0)));
}

export function QualitySection({ quality, saving, latency, onQuality }: Props) {
  return (
    <div className="space-y-2">
      <Choice label={desktop.quality} hideLabel value={quality} options={QUALITIES.map((value) => ({ value, label: desktop.qualities[value] }))} onChange={onQuality} />
      <p className="text-[13px] text-muted">{inForce(quality, saving, latency)}</p>
    </div>
  );
}

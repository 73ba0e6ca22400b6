"use client";
/** The first run: three steps from nothing to the first shell, each said to be done as soon as it is. */
import { Check } from "lucide-react";
import Link from "next/link";
import { useState, type ReactNode } from "react";
import { useList } from "@/lib/api/hooks";
import type { Me } from "@/lib/api/schema";
import { routes } from "@/lib/routes";
import { firstRun } from "@/texts/first-run";
import { zones as zoneTexts } from "@/texts/zones";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { JoinButton } from "../_components/join-button";
import { CreateZone } from "../admin/zones/form";
import { FirstMachine } from "./first-machine";

const REFRESH_MS = 3000;

/** What there is so far; `null` until that is known. */
export function useFirstRun(enabled: boolean) {
  const zones = useList("GET /api/v1/admin/zones", {}, { enabled, everyMs: REFRESH_MS }).rows;
  const targets = useList("GET /api/v1/admin/targets", { limit: 1 }, { enabled }).rows;
  const grants = useList("GET /api/v1/admin/grants", { limit: 1 }, { enabled }).rows;
  if (!zones || !targets || !grants) return null;
  // The one where something is to be done next.
  const zone = zones.find((one) => one.satellite) ?? zones.at(-1);
  return { zone, joined: Boolean(zone?.satellite), online: zone?.satellite?.state === "online", begun: targets[0], complete: grants.length > 0 };
}

interface StepProps {
  number: number;
  title: string;
  done: boolean;
  now: boolean;
  children: ReactNode;
  action: ReactNode;
}

function Step({ number, title, done, now, children, action }: StepProps) {
  return (
    <li aria-current={now ? "step" : undefined} className={cx("flex gap-4 rounded-xl border bg-surface p-4 shadow-card", now ? "border-accent" : "border-line")}>
      <span aria-hidden className={cx("grid size-7 shrink-0 place-items-center rounded-full text-[13px] font-semibold", done ? "bg-ok-soft text-ok" : now ? "bg-accent text-accent-ink" : "bg-sunken text-muted")}>
        {done ? <Check className="size-4" /> : number}
      </span>
      <div className="min-w-0 flex-1">
        <h2 className="font-medium">{title}{done && <span className="sr-only">{firstRun.done}</span>}</h2>
        <p className="mt-0.5 text-muted">{children}</p>
        {/* Stays, out of sight, for a dialog that it opened: what the dialog waits for makes the step done. */}
        <div className={now ? "mt-3" : "hidden"}>{action}</div>
      </div>
    </li>
  );
}

type Found = NonNullable<ReturnType<typeof useFirstRun>>;

export function FirstSteps({ found: { zone, joined, online, begun }, me }: { found: Found; me: Me }) {
  const [asked, setAsked] = useState<"zone" | "machine" | null>(null);
  const close = () => setAsked(null);
  return (
    <section aria-labelledby="first-steps" className="max-w-2xl">
      <h2 id="first-steps" className="mb-1 text-base font-semibold">{firstRun.title}</h2>
      <p className="mb-4 text-muted">{firstRun.about}</p>
      <ol className="space-y-3">
        <Step number={1} title={firstRun.site} done={zone !== undefined} now={zone === undefined} action={<Button look="primary" onClick={() => setAsked("zone")}>{zoneTexts.create}</Button>}>
          {zone ? firstRun.siteDone(<Link href={routes.zone(zone.id)} className="text-accent underline">{zone.name}</Link>) : firstRun.siteAbout}
        </Step>
        <Step number={2} title={firstRun.satellite} done={joined} now={zone !== undefined && !joined} action={zone && <JoinButton zone={zone} look="primary" />}>
          {joined
            ? online
              ? firstRun.satelliteOnline
              : firstRun.satelliteJoined
            : firstRun.satelliteAbout}
        </Step>
        <Step number={3} title={firstRun.machine} done={false} now={joined} action={<Button look="primary" onClick={() => setAsked("machine")}>{firstRun.addMachine}</Button>}>
          {firstRun.machineAbout}
        </Step>
      </ol>
      {asked === "zone" && <CreateZone stay onClose={close} />}
      {asked === "machine" && zone && <FirstMachine zone={zone} begun={begun} me={me} onClose={close} />}
    </section>
  );
}

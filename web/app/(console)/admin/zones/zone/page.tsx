"use client";
import Link from "next/link";
import { useRouter, useSearchParams } from "next/navigation";
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, MapPinOff } from "lucide-react";
import { Suspense } from "react";
import { ApiError, call, sentence } from "@/lib/api/client";
import { useAction } from "@/lib/api/hooks";
import type { Zone } from "@/lib/api/schema";
import { endedWords } from "@/lib/endings";
import { routes } from "@/lib/routes";
import { anywhere } from "@/texts/anywhere";
import { endingAll } from "@/texts/ending-all";
import { pages } from "@/texts/pages";
import { zonePage } from "@/texts/zone-page";
import { buttonClass } from "@/ui/button";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { PageHead } from "../../../_components/page";
import { EnabledBadge, RowActions } from "../../../_components/row-actions";
import { EditZone } from "../form";
import { ZoneAlone } from "./alone";
import { ZoneOutages } from "./outages";
import { ZoneRecordings } from "./recordings";
import { ZoneSatellite } from "./satellite";
import { ZoneTokens } from "./tokens";

const REFRESH_MS = 5000;

function Missing() {
  return (
    <Empty icon={<MapPinOff />} title={zonePage.missing} action={<Link href={routes.zones()} className={buttonClass("primary")}>{zonePage.all}</Link>}>
      {zonePage.missingAbout}
    </Empty>
  );
}

function Actions({ zone }: { zone: Zone }) {
  const change = useAction("PATCH /api/v1/admin/zones/{id}");
  const remove = useAction("DELETE /api/v1/admin/zones/{id}");
  const endAll = useAction("POST /api/v1/admin/zones/{id}/end-sessions");
  const router = useRouter();
  const path = { id: zone.id };
  return (
    <RowActions
      roomy
      texts={zonePage.changes}
      name={zone.name}
      edit={(close) => <EditZone zone={zone} onClose={close} />}
      state={{
        enabled: zone.enabled,
        consequence: zonePage.disabling,
        onSwitch: (enabled) => change.mutateAsync({ path, body: { enabled } }),
      }}
      more={{
        label: endingAll.label,
        title: zonePage.endAllAsked(zone.name),
        consequence: zonePage.endingAll,
        action: endingAll.act,
        onDo: async () => endedWords(await endAll.mutateAsync({ path })),
      }}
      deleting={zonePage.deleting}
      onDelete={async () => {
        await remove.mutateAsync({ path });
        router.push(routes.zones());
      }}
    />
  );
}

function ZonePage({ id }: { id: string }) {
  const found = useQuery({
    queryKey: ["GET /api/v1/admin/zones/{id}", id],
    queryFn: () => call("GET /api/v1/admin/zones/{id}", { path: { id } }),
    refetchInterval: REFRESH_MS,
  });
  const zone = found.data;
  if (zone?.retired_at || (found.error instanceof ApiError && found.error.status === 404)) return <Missing />;
  if (!zone) return found.error ? <Failure onRetry={() => void found.refetch()}>{sentence(found.error)}</Failure> : <SkeletonRows rows={3} />;
  return (
    <>
      <Link href={routes.zones()} className="mb-2 inline-flex items-center gap-1 text-[13px] text-muted hover:text-ink">
        <ChevronLeft className="size-3.5" aria-hidden />{pages.zones}
      </Link>
      <PageHead title={zone.name} about={[zone.description, zonePage.clocks(zone.timezone)].filter(Boolean).join(" · ")}>
        <EnabledBadge enabled={zone.enabled} />
        <Actions zone={zone} />
      </PageHead>
      {found.error && <div className="mb-5"><Failure onRetry={() => void found.refetch()}>{anywhere.outOfDate(sentence(found.error))}</Failure></div>}
      <ZoneSatellite zone={zone} />
      <ZoneAlone zone={zone} />
      <ZoneOutages zone={zone} />
      <ZoneTokens zone={zone} />
      <ZoneRecordings zone={zone} />
    </>
  );
}

function FromAddress() {
  const id = useSearchParams().get("id");
  return id ? <ZonePage key={id} id={id} /> : <Missing />;
}

export default function Page() {
  return <Suspense fallback={<SkeletonRows rows={3} />}><FromAddress /></Suspense>;
}

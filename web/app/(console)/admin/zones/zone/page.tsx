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
import { buttonClass } from "@/ui/button";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { PageHead } from "../../../_components/page";
import { EnabledBadge, RowActions } from "../../../_components/row-actions";
import { EditZone } from "../form";
import { ZoneRecordings } from "./recordings";
import { ZoneSatellite } from "./satellite";
import { ZoneTokens } from "./tokens";

const REFRESH_MS = 5000;

function Missing() {
  return (
    <Empty icon={<MapPinOff />} title="There is no such zone" action={<Link href={routes.zones()} className={buttonClass("primary")}>All zones</Link>}>
      It may have been deleted, or the address is mistyped.
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
      what="Zone"
      name={zone.name}
      edit={(close) => <EditZone zone={zone} onClose={close} />}
      state={{
        enabled: zone.enabled,
        consequence: "Sessions in this zone end, and none of its targets can be opened until it is enabled again. Its satellite stays joined.",
        onSwitch: (enabled) => change.mutateAsync({ path, body: { enabled } }),
      }}
      more={{
        label: "End all sessions",
        title: `End all sessions in zone ${zone.name}?`,
        consequence: "Whatever runs in them is ended. New ones may be opened: to prevent that, disable the zone.",
        action: "End all",
        onDo: async () => endedWords(await endAll.mutateAsync({ path })),
      }}
      deleting="Its grants and join tokens are deleted. Its targets must be deleted first, and its satellite revoked. What was done in it stays in the audit."
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
        <ChevronLeft className="size-3.5" aria-hidden />Zones
      </Link>
      <PageHead title={zone.name} about={zone.description}>
        <EnabledBadge enabled={zone.enabled} />
        <Actions zone={zone} />
      </PageHead>
      {found.error && <div className="mb-5"><Failure onRetry={() => void found.refetch()}>{sentence(found.error)} What you see may be out of date.</Failure></div>}
      <ZoneSatellite zone={zone} />
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

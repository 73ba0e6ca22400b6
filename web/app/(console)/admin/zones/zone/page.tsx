"use client";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, MapPinOff } from "lucide-react";
import { Suspense } from "react";
import { ApiError, call, sentence } from "@/lib/api/client";
import { useAction } from "@/lib/api/hooks";
import { routes } from "@/lib/routes";
import { buttonClass } from "@/ui/button";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { EnableButton, EnabledBadge } from "../../../_components/enable";
import { PageHead } from "../../../_components/page";
import { ZoneSatellite } from "./satellite";
import { ZoneTokens } from "./tokens";

const REFRESH_MS = 5000;

function Missing() {
  return (
    <Empty icon={<MapPinOff />} title="There is no such zone" action={<Link href={routes.zones()} className={buttonClass("primary")}>All zones</Link>}>
      The address may be mistyped.
    </Empty>
  );
}

function ZonePage({ id }: { id: string }) {
  const found = useQuery({
    queryKey: ["GET /api/v1/admin/zones/{id}", id],
    queryFn: () => call("GET /api/v1/admin/zones/{id}", { path: { id } }),
    refetchInterval: REFRESH_MS,
  });
  const change = useAction("PATCH /api/v1/admin/zones/{id}");
  const zone = found.data;
  if (found.error instanceof ApiError && found.error.status === 404) return <Missing />;
  if (!zone) return found.error ? <Failure onRetry={() => void found.refetch()}>{sentence(found.error)}</Failure> : <SkeletonRows rows={3} />;
  return (
    <>
      <Link href={routes.zones()} className="mb-2 inline-flex items-center gap-1 text-[13px] text-muted hover:text-ink">
        <ChevronLeft className="size-3.5" aria-hidden />Zones
      </Link>
      <PageHead title={zone.name} about={zone.description}>
        <EnabledBadge enabled={zone.enabled} />
        <EnableButton
          what="Zone"
          name={zone.name}
          enabled={zone.enabled}
          consequence="Sessions in this zone end, and none of its targets can be opened until it is enabled again. Its satellite stays joined."
          onSwitch={(enabled) => change.mutateAsync({ path: { id }, body: { enabled } })}
        />
      </PageHead>
      {found.error && <div className="mb-5"><Failure onRetry={() => void found.refetch()}>{sentence(found.error)} What you see may be out of date.</Failure></div>}
      <ZoneSatellite zone={zone} />
      <ZoneTokens zone={zone} />
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

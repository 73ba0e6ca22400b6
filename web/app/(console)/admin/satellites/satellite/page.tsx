"use client";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, Radio } from "lucide-react";
import { Suspense } from "react";
import { ApiError, call, sentence } from "@/lib/api/client";
import { routes } from "@/lib/routes";
import { satelliteName } from "@/lib/satellite/words";
import { anywhere } from "@/texts/anywhere";
import { pages } from "@/texts/pages";
import { satellitePages } from "@/texts/satellite-pages";
import { buttonClass } from "@/ui/button";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { PageHead } from "../../../_components/page";
import { IssueNotices } from "../../../_components/satellite";
import { SatelliteActions } from "../../../_components/satellite-actions";
import { Commands } from "./commands";
import { Details } from "./details";

const REFRESH_MS = 5000;

function Missing() {
  return (
    <Empty icon={<Radio />} title={satellitePages.missing} action={<Link href={routes.satellites()} className={buttonClass("primary")}>{satellitePages.all}</Link>}>
      {satellitePages.missingAbout}
    </Empty>
  );
}

function SatellitePage({ id }: { id: string }) {
  const found = useQuery({
    queryKey: ["GET /api/v1/admin/satellites/{id}", id],
    queryFn: () => call("GET /api/v1/admin/satellites/{id}", { path: { id } }),
    refetchInterval: REFRESH_MS,
  });
  const satellite = found.data;
  if (found.error instanceof ApiError && found.error.status === 404) return <Missing />;
  if (!satellite) return found.error ? <Failure onRetry={() => void found.refetch()}>{sentence(found.error)}</Failure> : <SkeletonRows rows={3} />;
  return (
    <>
      <Link href={routes.satellites()} className="mb-2 inline-flex items-center gap-1 text-[13px] text-muted hover:text-ink">
        <ChevronLeft className="size-3.5" aria-hidden />{pages.satellites}
      </Link>
      <PageHead
        title={satelliteName(satellite)}
        about={satellitePages.ofZone(<Link href={routes.zone(satellite.zone_id)} className="text-accent underline">{satellite.zone}</Link>)}
      >
        <SatelliteActions satellite={satellite} />
      </PageHead>
      {found.error && <div className="mb-5"><Failure onRetry={() => void found.refetch()}>{anywhere.outOfDate(sentence(found.error))}</Failure></div>}
      <IssueNotices satellite={satellite} />
      <Details satellite={satellite} />
      {satellite.state !== "revoked" && <Commands satellite={satellite} />}
    </>
  );
}

function FromAddress() {
  const id = useSearchParams().get("id");
  return id ? <SatellitePage key={id} id={id} /> : <Missing />;
}

export default function Page() {
  return <Suspense fallback={<SkeletonRows rows={3} />}><FromAddress /></Suspense>;
}

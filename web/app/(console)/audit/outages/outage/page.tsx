"use client";
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, Unplug } from "lucide-react";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { Suspense } from "react";
import { ApiError, call, sentence } from "@/lib/api/client";
import { clockTime } from "@/lib/format";
import { lasted } from "@/lib/outages";
import { routes } from "@/lib/routes";
import { outages } from "@/texts/outages";
import { buttonClass } from "@/ui/button";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { PageHead } from "../../../_components/page";
import { Report } from "./report";

const REFRESH_MS = 5000;

function Missing() {
  return (
    <Empty icon={<Unplug />} title={outages.missing} action={<Link href={routes.outages()} className={buttonClass("primary")}>{outages.all}</Link>}>
      {outages.missingAbout}
    </Empty>
  );
}

function OutagePage({ id }: { id: string }) {
  const found = useQuery({
    queryKey: ["GET /api/v1/outages/{id}", id],
    queryFn: () => call("GET /api/v1/outages/{id}", { path: { id } }),
    // Until the report is made.
    refetchInterval: ({ state }) => (state.data?.sessions == null ? REFRESH_MS : false),
  });
  const report = found.data;
  if (found.error instanceof ApiError && found.error.status === 404) return <Missing />;
  if (!report) return found.error ? <Failure onRetry={() => void found.refetch()}>{sentence(found.error)}</Failure> : <SkeletonRows rows={4} />;
  return (
    <>
      <Link href={routes.outages()} className="mb-2 inline-flex items-center gap-1 text-[13px] text-muted hover:text-ink">
        <ChevronLeft className="size-3.5" aria-hidden />{outages.tab}
      </Link>
      <PageHead title={outages.one(report.zone)} about={outages.oneAbout(clockTime(report.since), clockTime(report.until), lasted(report))} />
      <Report report={report} />
    </>
  );
}

function FromAddress() {
  const id = useSearchParams().get("id");
  return id ? <OutagePage key={id} id={id} /> : <Missing />;
}

export default function Page() {
  return <Suspense fallback={<SkeletonRows rows={4} />}><FromAddress /></Suspense>;
}

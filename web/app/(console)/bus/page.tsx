"use client";
import { useQuery } from "@tanstack/react-query";
import { call, sentence } from "@/lib/api/client";
import { standing } from "@/lib/bus";
import { anywhere } from "@/texts/anywhere";
import { bus } from "@/texts/bus";
import { pages } from "@/texts/pages";
import { Badge } from "@/ui/badge";
import { Failure, SkeletonRows } from "@/ui/states";
import { PageHead } from "../_components/page";
import { Details } from "./details";
import { Trouble } from "./trouble";

const REFRESH_MS = 5000;

export default function BusPage() {
  const found = useQuery({
    queryKey: ["GET /api/v1/admin/bus"],
    queryFn: () => call("GET /api/v1/admin/bus", {}),
    refetchInterval: REFRESH_MS,
  });
  const status = found.data;
  const stands = status && standing(status);
  return (
    <>
      <PageHead title={pages.bus} about={bus.about}>
        {stands && <Badge tone={stands.tone} dot>{stands.word}</Badge>}
      </PageHead>
      {found.error && (
        <div className="mb-5">
          <Failure onRetry={() => void found.refetch()}>{status ? anywhere.outOfDate(sentence(found.error)) : sentence(found.error)}</Failure>
        </div>
      )}
      {stands && <Trouble stands={stands} />}
      {status ? <Details status={status} /> : found.error ? null : <SkeletonRows rows={4} />}
    </>
  );
}

"use client";
/** What was printed, as text: to search, to copy, and for those who hear the page. */
import { useQuery } from "@tanstack/react-query";
import { call, sentence } from "@/lib/api/client";
import { bytes } from "@/lib/format";
import { player } from "@/texts/player";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { FileText } from "lucide-react";

/** More than this makes a page slow; the download has all of it. */
const SHOWN_CHARACTERS = 2_000_000;

export function RecordingText({ session }: { session: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["GET /api/v1/recordings/{session_id}/text", session],
    queryFn: () => call("GET /api/v1/recordings/{session_id}/text", { path: { session_id: session } }),
    staleTime: 10_000,
  });
  if (data === undefined) return error ? <Failure onRetry={() => void refetch()}>{sentence(error)}</Failure> : <SkeletonRows />;
  if (data.trim() === "") return <Empty icon={<FileText />} title={player.nothingPrinted} />;
  return (
    <div className="space-y-3">
      {data.length > SHOWN_CHARACTERS && <p role="status" className="text-warn">{player.firstOnly(bytes(SHOWN_CHARACTERS))}</p>}
      <pre tabIndex={0} aria-label={player.textLabel} className="max-h-[70vh] overflow-auto rounded-xl border border-line bg-surface p-4 font-mono text-xs leading-5 whitespace-pre-wrap shadow-card">{data.slice(0, SHOWN_CHARACTERS)}</pre>
    </div>
  );
}

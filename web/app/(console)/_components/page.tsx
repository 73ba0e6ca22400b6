"use client";
import { useEffect, useReducer, type ReactNode } from "react";
import { sentence } from "@/lib/api/client";
import { fullTime, relative, shortTime } from "@/lib/format";
import { anywhere } from "@/texts/anywhere";
import { Button } from "@/ui/button";
import { Failure, SkeletonRows } from "@/ui/states";

/** The head of a page: what it is, in one line why, and its main action. */
export function PageHead({ title, about, children }: { title: string; about?: ReactNode; children?: ReactNode }) {
  return (
    <div className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <title>{anywhere.pageTitle(title)}</title>
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        {about && <p className="mt-0.5 text-muted">{about}</p>}
      </div>
      {children && <div className="flex flex-wrap items-center gap-2">{children}</div>}
    </div>
  );
}

export interface ListState<Row> {
  rows: Row[] | undefined;
  error: Error | null;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
  refetch: () => Promise<unknown>;
}

/** A list in all its states: loading, failed, empty, there, and going on. */
export function Listing<Row>({ list, empty, children }: { list: ListState<Row>; empty: ReactNode; children: (rows: Row[]) => ReactNode }) {
  const { rows, error } = list;
  if (rows === undefined) {
    return error ? <Failure onRetry={() => void list.refetch()}>{sentence(error)}</Failure> : <SkeletonRows />;
  }
  return (
    <div className="space-y-3">
      {error && <Failure onRetry={() => void list.refetch()}>{anywhere.outOfDate(sentence(error))}</Failure>}
      {rows.length === 0 ? empty : children(rows)}
      {list.hasNextPage && (
        <div className="text-center">
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{anywhere.loadMore}</Button>
        </div>
      )}
    </div>
  );
}

/** How often a distance in time is said anew. */
const AGO_MS = 10_000;

/** A distance in time, which grows while one looks. */
function Ago({ value }: { value: string }) {
  const [, sayAnew] = useReducer((turns: number) => turns + 1, 0);
  useEffect(() => {
    const timer = setInterval(sayAnew, AGO_MS);
    return () => clearInterval(timer);
  }, []);
  return relative(value);
}

/** A moment: short, with the whole of it in a tooltip. */
export function Time({ value, ago }: { value: string | null | undefined; ago?: boolean }) {
  if (!value) return <span className="text-faint">–</span>;
  return <time dateTime={value} title={fullTime(value)}>{ago ? <Ago value={value} /> : shortTime(value)}</time>;
}

"use client";
/** The API in React's words: who one is, lists that load on, and actions that refresh what they changed. */
import { keepPreviousData, queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ApiError, call, sentence, type Answer, type Arguments, type Body, type Operation } from "./client";
import type { Operations, Role } from "./schema";

const me = queryOptions({ queryKey: ["me"], queryFn: () => call("GET /api/v1/auth/me", {}), staleTime: 60_000 });

export const useMe = () => useQuery(me);

/** Tells the hub how long a shell took to open, if it wants to know. Nobody waits for it. */
export function useTellOpening() {
  const client = useQueryClient();
  return (measured: Body<"POST /api/v1/traces">) => {
    const tell = async () => {
      const { traces } = await client.ensureQueryData(me);
      if (traces) await call("POST /api/v1/traces", { body: measured });
    };
    tell().catch(() => {});
  };
}

type ListOperation = {
  [O in Operation]: Answer<O> extends { items: unknown[] } ? O : never;
}[Operation];
export type Row<O extends ListOperation> = Answer<O> extends { items: (infer R)[] } ? R : never;
type Query<O extends ListOperation> = Omit<NonNullable<Operations[O]["query"]>, "cursor">;

interface ListOptions<R = never> {
  /** Asks again this often while the page is in sight; what is there may say how often. */
  everyMs?: number | ((rows: R[]) => number);
  enabled?: boolean;
}

/** A list, part by part; `rows` is `undefined` until the first is there. */
export function useList<O extends ListOperation>(operation: O, query: Query<O>, { everyMs = 0, enabled = true }: ListOptions<Row<O>> = {}) {
  const found = useInfiniteQuery({
    queryKey: [operation, query],
    queryFn: ({ pageParam }) => call(operation, { query: { ...query, cursor: pageParam } } as unknown as Arguments<O>),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: ({ state }) => {
      const rows = (state.data as { pages: { items: unknown[] }[] } | undefined)?.pages.flatMap((page) => page.items as Row<O>[]) ?? [];
      return (typeof everyMs === "function" ? everyMs(rows) : everyMs) || false;
    },
    enabled,
    placeholderData: keepPreviousData,
  });
  const rows = found.data?.pages.flatMap((page) => page.items as Row<O>[]);
  return { ...found, rows };
}

/** A whole list, however many parts it has: `complete` says that the last one is there. */
export function useWholeList<O extends ListOperation>(operation: O, { query, ...options }: ListOptions<Row<O>> & { query?: Query<O> } = {}) {
  const list = useList(operation, { ...query, limit: 500 } as Query<O>, options);
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = list;
  const goOn = hasNextPage && !isFetching && !isFetchNextPageError;
  useEffect(() => {
    if (goOn) void fetchNextPage();
  }, [goOn, fetchNextPage]);
  return { ...list, complete: list.rows !== undefined && !hasNextPage };
}

/** Does something, then asks again for everything in sight. */
export function useAction<O extends Operation>(operation: O) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (args: Arguments<O>) => call(operation, args),
    onSettled: () => queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" }),
  });
}

export const seesAll = (role: Role | undefined): boolean => role === "admin" || role === "auditor";

/** The message for one field of a form, if the hub blamed it; the hub calls the field by its name in the API. */
export const fieldError = (error: unknown, field: string): string | null =>
  error instanceof ApiError && error.field === field ? sentence(error).replace(/^\w+/, (name) => name.replaceAll("_", " ")) : null;

/** The message for a whole form: what no field of it shows. */
export const formError = (error: unknown, fields: readonly string[]): unknown =>
  error instanceof ApiError && error.field !== null && fields.includes(error.field) ? null : error;

"use client";
/** A list with a search of its own: the hub pages these lists but does not search them, so typing loads them whole. */
import { SearchX } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { anywhere } from "@/texts/anywhere";
import { Button } from "@/ui/button";
import { Input } from "@/ui/field";
import { Empty } from "@/ui/states";
import { Listing, type ListState } from "./page";

interface Props<Row> {
  list: ListState<Row> & { isFetching: boolean; isFetchNextPageError: boolean };
  label: string;
  /** What a row can be found by. */
  words: (row: Row) => (string | null | undefined)[];
  empty: ReactNode;
  children: (rows: Row[]) => ReactNode;
}

export function SearchListing<Row>({ list, label, words, empty, children }: Props<Row>) {
  const [text, setText] = useState("");
  const parts = text.toLowerCase().split(/\s+/).filter((part) => part !== "");
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = list;
  const goOn = parts.length > 0 && hasNextPage && !isFetching && !isFetchNextPageError;
  useEffect(() => {
    if (goOn) void fetchNextPage();
  }, [goOn, fetchNextPage]);

  const matches = (row: Row) => {
    const all = words(row).map((word) => word?.toLowerCase() ?? "");
    return parts.every((part) => all.some((word) => word.includes(part)));
  };
  const rows = parts.length === 0 ? list.rows : list.rows?.filter(matches);
  const nothing = (
    <Empty icon={<SearchX />} title={anywhere.nothingMatches(text.trim())} action={<Button onClick={() => setText("")}>{anywhere.clearSearch}</Button>} />
  );
  return (
    <>
      {list.rows !== undefined && list.rows.length > 0 && (
        <div className="mb-3 max-w-xs">
          <Input label={label} hideLabel type="search" placeholder={label} value={text} onChange={(event) => setText(event.target.value)} />
        </div>
      )}
      <Listing list={{ ...list, rows }} empty={parts.length > 0 ? nothing : empty}>{children}</Listing>
    </>
  );
}

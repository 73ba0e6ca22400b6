"use client";
/** A choice of one row of a list in a form, with the list's own states: loading, failed, none there. */
import type { ReactNode, SelectHTMLAttributes } from "react";
import { sentence } from "@/lib/api/client";
import { anywhere } from "@/texts/anywhere";
import { Select } from "@/ui/field";

interface WholeList<Row> {
  rows: Row[] | undefined;
  error: Error | null;
  complete: boolean;
}

interface Props<Row> extends Omit<SelectHTMLAttributes<HTMLSelectElement>, "children"> {
  label: string;
  list: WholeList<Row>;
  text: (row: Row) => string;
  /** The first entry, which chooses nothing. */
  nothing: string;
  /** Said where there is none to choose. */
  none?: ReactNode;
  hint?: ReactNode;
  problem?: string | null;
  hideLabel?: boolean;
}

export function Pick<Row extends { id: string }>({ label, list, text, nothing, none, hint, problem, ...rest }: Props<Row>) {
  const options = (list.rows ?? []).map((row) => ({ id: row.id, text: text(row) }));
  options.sort((a, b) => a.text.localeCompare(b.text));
  const failure = list.error && !list.complete ? sentence(list.error) : null;
  const loading = !list.complete && !failure;
  const chosen = String(rest.value ?? rest.defaultValue ?? "");
  const unlisted = chosen !== "" && !loading && !options.some((option) => option.id === chosen);
  const empty = list.complete && options.length === 0;
  return (
    <Select {...rest} label={label} error={problem ?? failure} hint={empty && none ? none : hint} aria-busy={loading || undefined}>
      <option value="">{loading ? anywhere.loadingMore : nothing}</option>
      {unlisted && <option value={chosen}>{anywhere.unlisted(chosen)}</option>}
      {options.map((option) => <option key={option.id} value={option.id}>{option.text}</option>)}
    </Select>
  );
}

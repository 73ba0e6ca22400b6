import type { KeyboardEvent, MouseEvent, ReactNode } from "react";
import { anywhere } from "@/texts/anywhere";
import { cx } from "./cx";

export interface Column<Row> {
  key: string;
  head: string;
  cell: (row: Row) => ReactNode;
  /** Hidden on phones: not needed to know the row. */
  wide?: boolean;
  /** Only from large screens on. */
  wider?: boolean;
  right?: boolean;
  /** Takes the room that is left; its text may break. */
  grow?: boolean;
  /** May be long: it takes so much room and no more, and breaks. */
  breaks?: boolean;
}

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  faded?: (row: Row) => boolean;
  onOpen?: (row: Row) => void;
}

/** A dense table. With `onOpen` a whole row is a way in, by click and by Enter. */
export function Table<Row>({ label, columns, rows, rowKey, faded, onOpen }: Props<Row>) {
  const shown = (column: Column<Row>) => cx(column.wide && "hidden md:table-cell", column.wider && "hidden xl:table-cell");
  const onKey = (row: Row) => (event: KeyboardEvent<HTMLTableRowElement>) => {
    if (event.key !== "Enter" || event.target !== event.currentTarget) return;
    // Or the same key press would also push the first button of a dialog that it opened.
    event.preventDefault();
    onOpen?.(row);
  };
  const onClick = (row: Row) => (event: MouseEvent<HTMLTableRowElement>) => {
    // Menus and dialogs of a row are elsewhere on the page, though their events come through here.
    if (!(event.target instanceof Element) || !event.currentTarget.contains(event.target)) return;
    const inside = event.target.closest("a,button,select,input,label");
    if (!inside && !window.getSelection()?.toString()) onOpen?.(row);
  };
  return (
    // What is for screen readers alone stays within the table, or the page would scroll to it.
    <div className="relative overflow-x-auto rounded-xl border border-line bg-surface shadow-card">
      <table aria-label={label} className="w-full border-collapse text-left">
        <thead>
          <tr className="border-b border-line text-xs text-muted">
            {columns.map((column) => (
              <th key={column.key} scope="col" className={cx("px-3 py-2 font-medium whitespace-nowrap first:pl-4 last:pr-4", column.right && "text-right", shown(column))}>
                {column.head || <span className="sr-only">{anywhere.actions}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              {...(onOpen ? { tabIndex: 0, onClick: onClick(row), onKeyDown: onKey(row) } : {})}
              className={cx(
                "border-b border-line last:border-0 hover:bg-hover focus-visible:-outline-offset-2",
                onOpen && "cursor-pointer",
                faded?.(row) && "[&>td:not(:last-child)]:opacity-55",
              )}
            >
              {columns.map((column) => (
                <td key={column.key} className={cx("px-3 py-2 align-middle first:pl-4 last:pr-4", column.right && "text-right tabular-nums", column.grow ? "w-full" : "whitespace-nowrap", shown(column))}>
                  {column.breaks ? <div className="w-max max-w-28 whitespace-normal wrap-anywhere md:max-w-64">{column.cell(row)}</div> : column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Two lines in a cell: what it is, and more about it. */
export function Two({ main, more, mono }: { main: ReactNode; more?: ReactNode; mono?: boolean }) {
  return (
    <div className="min-w-0">
      <div className="font-medium">{main}</div>
      {more && <div className={cx("text-[13px] text-muted", mono && "font-mono text-xs")}>{more}</div>}
    </div>
  );
}

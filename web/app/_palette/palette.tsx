"use client";
/** The command palette: type a few letters of a target, a running session or a page, and go there. */
import { Search, X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import type { Entry, EntryKind } from "@/lib/palette/entries";
import { rank } from "@/lib/palette/rank";
import { anywhere } from "@/texts/anywhere";
import { palette } from "@/texts/palette";
import { Button, IconButton } from "@/ui/button";
import { Option } from "./option";
import { useEntries } from "./use-entries";

/** More are not shown: another letter finds sooner than scrolling. */
const MOST_SHOWN = 50;

interface Props {
  title: string;
  kinds: readonly EntryKind[];
  onGo: (entry: Entry) => void;
  onClose: () => void;
  /** Takes the focus afterwards; `went` says whether something was chosen. */
  returnFocus: (went: boolean) => void;
}

function moved(key: string, active: number, count: number): number | null {
  if (count === 0) return null;
  if (key === "ArrowDown") return (active + 1) % count;
  if (key === "ArrowUp") return (active - 1 + count) % count;
  if (key === "PageDown") return Math.min(count - 1, active + 8);
  if (key === "PageUp") return Math.max(0, active - 8);
  return null;
}

export function Palette({ title, kinds, onGo, onClose, returnFocus }: Props) {
  const id = useId();
  const [search, setSearch] = useState("");
  const [pointed, setPointed] = useState(0);
  const went = useRef(false);
  const list = useRef<HTMLUListElement>(null);
  const { entries, loading, failed, retry } = useEntries(kinds);
  const shown = rank(entries, search).slice(0, MOST_SHOWN);
  const active = Math.min(pointed, shown.length - 1);
  const option = (index: number) => `${id}-${index}`;
  const go = (entry: Entry | undefined) => {
    if (!entry) return;
    went.current = true;
    onClose();
    onGo(entry);
  };
  const keys = (event: KeyboardEvent) => {
    // An input method's own keys choose among its characters.
    if (event.nativeEvent.isComposing) return;
    const next = moved(event.key, active, shown.length);
    if (next !== null) setPointed(next);
    else if (event.key === "Enter") go(shown[active]?.entry);
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active, search]);
  const none = shown.length === 0;
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            returnFocus(went.current);
          }}
          className="fixed inset-x-3 top-3 z-40 mx-auto flex max-h-[calc(100dvh-1.5rem)] max-w-xl animate-appear flex-col overflow-hidden rounded-xl border border-line bg-surface shadow-up outline-none sm:top-[12vh] sm:max-h-[70vh]"
        >
          <Dialog.Title className="sr-only">{title}</Dialog.Title>
          <div className="flex items-center gap-2 border-b border-line py-1.5 pr-1.5 pl-3.5">
            <Search className="size-4 shrink-0 text-faint" aria-hidden />
            <input
              role="combobox"
              aria-label={title}
              aria-expanded={!none}
              aria-controls={none ? undefined : `${id}-list`}
              aria-activedescendant={none ? undefined : option(active)}
              aria-autocomplete="list"
              autoComplete="off"
              spellCheck={false}
              placeholder={title}
              value={search}
              onChange={(event) => {
                setSearch(event.target.value);
                setPointed(0);
              }}
              onKeyDown={keys}
              className="h-9 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-faint"
            />
            <Dialog.Close asChild><IconButton label={anywhere.close} title={anywhere.closeKey}><X className="size-4" aria-hidden /></IconButton></Dialog.Close>
          </div>
          {!none && (
            <ul ref={list} id={`${id}-list`} role="listbox" aria-label={palette.found} className="min-h-0 overflow-y-auto p-1.5">
              {shown.map((ranked, index) => (
                <Option
                  key={ranked.entry.id}
                  id={option(index)}
                  ranked={ranked}
                  active={index === active}
                  onPoint={() => setPointed(index)}
                  onGo={() => go(ranked.entry)}
                />
              ))}
            </ul>
          )}
          <div role="status" className="text-muted">
            {loading && <p className="px-4 py-3">{anywhere.loadingMore}</p>}
            {failed && (
              <p className="flex items-center justify-between gap-3 border-t border-line px-4 py-2.5 text-bad">
                {palette.incomplete}<Button small onClick={retry}>{anywhere.tryAgain}</Button>
              </p>
            )}
            {none && !loading && !failed && <p className="px-4 py-8 text-center">{search.trim() ? anywhere.nothingMatches(search.trim()) : anywhere.noTargetGranted}</p>}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

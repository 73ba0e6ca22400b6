"use client";
/** Searches in what a shell printed: a line of its own above the terminal's corner, gone with Esc. */
import type { Terminal } from "@xterm/xterm";
import { ChevronDown, ChevronUp, X } from "lucide-react";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { foundWords, type Found } from "@/lib/terminal/found";
import { searchIn, type TerminalSearch } from "@/lib/terminal/search";
import { output } from "@/texts/output";
import { IconButton } from "@/ui/button";

/** What is selected is what one looks for, if it is one line. */
function selectedLine(terminal: Terminal): string {
  const text = terminal.getSelection();
  return /[\r\n]/.test(text) ? "" : text.trim();
}

interface Props {
  terminal: Terminal;
  /** How often it was asked for: once more takes the focus back here. */
  asked: number;
  onClose: () => void;
}

export function SearchBar({ terminal, asked, onClose }: Props) {
  const [text, setText] = useState(() => selectedLine(terminal));
  const [found, setFound] = useState<Found | null>(null);
  const [search, setSearch] = useState<TerminalSearch | null>(null);
  const [broken, setBroken] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    let here = true;
    let made: TerminalSearch | null = null;
    const begin = async () => {
      made = await searchIn(terminal, setFound);
      if (here) setSearch(made);
      else made.dispose();
    };
    begin().catch(() => here && setBroken(true));
    return () => {
      here = false;
      made?.dispose();
    };
  }, [terminal]);
  useEffect(() => search?.find(text, "latest"), [search, text]);
  useEffect(() => input.current?.select(), [asked]);

  const keys = (event: KeyboardEvent) => {
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter" && event.target === input.current) search?.find(text, event.shiftKey ? "previous" : "next");
    else return;
    event.preventDefault();
  };
  const words = broken ? output.searchBroken : found === null || text === "" ? "" : foundWords(found);
  const nothing = text === "" || found === null || found.count === 0;
  const icon = "size-4";
  return (
    <search onKeyDown={keys} className="absolute top-2 right-2 z-10 flex max-w-[calc(100%-1rem)] animate-appear items-center gap-0.5 rounded-lg border border-line bg-surface p-1 shadow-up sm:right-5">
      <input
        ref={input}
        autoFocus
        type="text"
        autoComplete="off"
        spellCheck={false}
        aria-label={output.search}
        placeholder={output.search}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="h-8 w-52 min-w-0 rounded-md bg-transparent px-2 text-base placeholder:text-faint sm:text-sm"
      />
      <span role="status" className="min-w-16 px-1.5 text-right text-xs whitespace-nowrap text-muted tabular-nums">{words}</span>
      <IconButton label={output.previous} title={output.previousKey} disabled={nothing} onClick={() => search?.find(text, "previous")}><ChevronUp className={icon} aria-hidden /></IconButton>
      <IconButton label={output.next} title={output.nextKey} disabled={nothing} onClick={() => search?.find(text, "next")}><ChevronDown className={icon} aria-hidden /></IconButton>
      <IconButton label={output.closeSearch} title={output.closeSearchKey} onClick={onClose}><X className={icon} aria-hidden /></IconButton>
    </search>
  );
}

"use client";
/** The sessions of this page in a row: how each one stands, and the ways to another. */
import { CircleDashed, CircleX, Loader, Plus, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { NEW_LOOK, tabWords, type TabLook, type TabState } from "@/lib/attachment/tab-look";
import { MOST_TABS, type Tabs } from "@/lib/attachment/tabs";
import { anywhere } from "@/texts/anywhere";
import { palette } from "@/texts/palette";
import { shell } from "@/texts/shell";
import { IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";

/** Told apart by shape, not by colour alone. */
function Mark({ state }: { state: TabState }) {
  if (state === "live") return <span aria-hidden className="mx-0.75 size-2 shrink-0 rounded-full bg-ok" />;
  if (state === "ended") return <CircleX aria-hidden className="size-3.5 shrink-0 text-faint" />;
  if (state === "connecting") return <CircleDashed aria-hidden className="size-3.5 shrink-0 text-accent" />;
  return <Loader aria-hidden className="size-3.5 shrink-0 animate-spin text-warn" />;
}

interface TabProps {
  place: number;
  look: TabLook;
  shown: boolean;
  hasKeys: boolean;
  onShow: () => void;
  onClose: () => void;
}

function Tab({ place, look, shown, hasKeys, onShow, onClose }: TabProps) {
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (shown) item.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [shown]);
  return (
    <li ref={item} className={cx("-mb-px flex min-w-28 shrink-0 items-center rounded-t-md border", shown ? "border-line border-b-surface bg-surface" : "border-transparent text-muted hover:bg-hover")}>
      <button
        type="button"
        aria-label={shell.tab(look.name, tabWords(look))}
        aria-current={shown ? "true" : undefined}
        title={shell.tabAbout(look.name, tabWords(look), hasKeys ? place + 1 : null)}
        onClick={onShow}
        className="flex h-8 max-w-48 min-w-0 flex-1 items-center gap-2 pl-2.5 text-[13px] -outline-offset-2"
      >
        <Mark state={look.state} />
        <span className={cx("truncate", (shown || look.unseen) && "font-medium text-ink")}>{look.name}</span>
        {look.unseen && <span aria-hidden className="size-1.5 shrink-0 rounded-full bg-accent" />}
      </button>
      <IconButton label={shell.closeTab(look.name)} title={look.goesOn ? shell.closeGoesOn : anywhere.close} className="mx-1 size-6" onClick={onClose}><X className="size-3.5" aria-hidden /></IconButton>
    </li>
  );
}

interface Props {
  tabs: Tabs;
  looks: Record<number, TabLook>;
  /** A key shows each of them: not while a desktop has the keys. */
  hasKeys: boolean;
  onShow: (place: number) => void;
  onClose: (id: number) => void;
  onAdd: () => void;
}

export function TabStrip({ tabs, looks, hasKeys, onShow, onClose, onAdd }: Props) {
  const full = tabs.list.length >= MOST_TABS;
  return (
    <nav aria-label={shell.tabs} className="flex h-10 shrink-0 items-end border-b border-line bg-canvas px-1.5">
      <ul className="flex min-w-0 gap-1 overflow-x-auto pt-1 [scrollbar-width:none]">
        {tabs.list.map(({ id }, place) => (
          <Tab key={id} place={place} look={looks[id] ?? NEW_LOOK} shown={id === tabs.shown} hasKeys={hasKeys} onShow={() => onShow(place)} onClose={() => onClose(id)} />
        ))}
      </ul>
      <IconButton label={palette.anotherTarget} title={full ? shell.tabsFull : shell.openBesideThese} disabled={full} className="mb-0.5 ml-1" onClick={onAdd}>
        <Plus className="size-4" aria-hidden />
      </IconButton>
    </nav>
  );
}

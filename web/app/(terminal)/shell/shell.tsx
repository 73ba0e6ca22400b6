"use client";
/** The whole window is sessions, shells and desktops: one is shown, the others stay attached behind it, each with a tab. */
import Link from "next/link";
import { SquareTerminal } from "lucide-react";
import { useRef, useState } from "react";
import { routes } from "@/lib/routes";
import { isPaletteInShell, placeOf } from "@/lib/shortcuts";
import type { TabLook } from "@/lib/attachment/tab-look";
import { attachAgain, closeTab, foundSession, MOST_TABS, openTab, showPlace, type Tabs } from "@/lib/attachment/tabs";
import { isDesktop, type Way } from "@/lib/attachment/way";
import { loadPreferences, savePreferences } from "@/lib/terminal/preferences";
import { useShortcut } from "@/lib/use-shortcut";
import { anywhere } from "@/texts/anywhere";
import { frame } from "@/texts/frame";
import { shell } from "@/texts/shell";
import { buttonClass } from "@/ui/button";
import { Empty } from "@/ui/states";
import { useToast } from "@/ui/toast";
import type { AttachmentProps } from "../_attachment/props";
import { Desktop } from "../_desktop/desktop";
import { Attachment } from "./attachment";
import { TabStrip } from "./tab-strip";
import { useGoTo } from "./use-go-to";
import { useTabs } from "./use-tabs";

function usePreferences() {
  const [preferences, setPreferences] = useState(loadPreferences);
  return [preferences, (wanted: typeof preferences) => setPreferences(savePreferences(wanted))] as const;
}

const keysAreElsewhere = (): boolean => document.activeElement instanceof HTMLElement && document.activeElement.dataset.keys === "desktop";

function Sessions({ tabs, change }: { tabs: Tabs; change: (how: (tabs: Tabs) => Tabs) => void }) {
  const say = useToast();
  const [preferences, prefer] = usePreferences();
  const [looks, setLooks] = useState<Record<number, TabLook>>({});
  const takeFocus = useRef<() => void>(() => undefined);
  const several = tabs.list.length > 1;
  const open = (way: Way) => {
    if (openTab(tabs, way) === tabs) say(shell.tooMany(MOST_TABS), { bad: true });
    change((now) => openTab(now, way));
  };
  const { goTo, add, palette } = useGoTo(open, () => takeFocus.current());
  const show = (place: number) => change((now) => showPlace(now, place));
  const close = (id: number) => {
    const look = looks[id];
    if (look?.goesOn) say(shell.goesOn(look.name));
    change((now) => closeTab(now, id));
    takeFocus.current();
  };
  // A desktop gets all keys while it has the focus.
  useShortcut((press) => !keysAreElsewhere() && isPaletteInShell(press), goTo);
  useShortcut(
    (press) => several && !keysAreElsewhere() && (placeOf(press) ?? MOST_TABS) < tabs.list.length,
    (press) => show(placeOf(press) ?? 0),
  );
  return (
    <div className="flex h-dvh flex-col bg-canvas">
      {several && <TabStrip tabs={tabs} looks={looks} hasKeys={!tabs.list.some(({ id, way }) => id === tabs.shown && isDesktop(way))} onShow={show} onClose={close} onAdd={add} />}
      <div className="relative min-h-0 flex-1">
        {tabs.list.map(({ id, way, turn }) => {
          const props: AttachmentProps = {
            way,
            shown: id === tabs.shown,
            onWay: (found) => change((now) => foundSession(now, id, found)),
            onAttach: (wanted) => change((now) => attachAgain(now, id, wanted)),
            onLook: (look) => setLooks((all) => ({ ...all, [id]: look })),
            onGoTo: goTo,
            onAdd: several ? null : add,
            takeFocus,
          };
          const key = `${id} ${turn}`;
          return isDesktop(way) ? <Desktop key={key} {...props} /> : <Attachment key={key} {...props} preferences={preferences} onPrefer={prefer} />;
        })}
      </div>
      {palette}
    </div>
  );
}

export function ShellPage() {
  const [tabs, change] = useTabs();
  if (tabs === undefined) return <div className="h-dvh" role="status" aria-label={anywhere.loading} />;
  if (tabs === null) {
    return (
      <main className="mx-auto max-w-lg px-4 py-24">
        <Empty icon={<SquareTerminal />} title={shell.unnamed} action={<Link href={routes.targets()} className={buttonClass("primary")}>{frame.toTargets}</Link>}>
          {shell.unnamedAbout}
        </Empty>
      </main>
    );
  }
  return <Sessions tabs={tabs} change={change} />;
}

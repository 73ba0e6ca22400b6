"use client";
/** The whole window is shells: one is shown, the others stay attached behind it, each with a tab. */
import Link from "next/link";
import { SquareTerminal } from "lucide-react";
import { useRef, useState } from "react";
import { routes } from "@/lib/routes";
import { isPaletteInShell, placeOf } from "@/lib/shortcuts";
import type { TabLook } from "@/lib/attachment/tab-look";
import { attachAgain, closeTab, foundSession, MOST_TABS, openTab, showPlace, type Tabs } from "@/lib/attachment/tabs";
import type { Way } from "@/lib/attachment/way";
import { loadPreferences, savePreferences } from "@/lib/terminal/preferences";
import { useShortcut } from "@/lib/use-shortcut";
import { anywhere } from "@/texts/anywhere";
import { frame } from "@/texts/frame";
import { shell } from "@/texts/shell";
import { buttonClass } from "@/ui/button";
import { Empty } from "@/ui/states";
import { useToast } from "@/ui/toast";
import { Attachment } from "./attachment";
import { TabStrip } from "./tab-strip";
import { useGoTo } from "./use-go-to";
import { useTabs } from "./use-tabs";

function usePreferences() {
  const [preferences, setPreferences] = useState(loadPreferences);
  return [preferences, (wanted: typeof preferences) => setPreferences(savePreferences(wanted))] as const;
}

function Shells({ tabs, change }: { tabs: Tabs; change: (how: (tabs: Tabs) => Tabs) => void }) {
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
  useShortcut(isPaletteInShell, goTo);
  useShortcut(
    (press) => several && (placeOf(press) ?? MOST_TABS) < tabs.list.length,
    (press) => show(placeOf(press) ?? 0),
  );
  return (
    <div className="flex h-dvh flex-col bg-canvas">
      {several && <TabStrip tabs={tabs} looks={looks} onShow={show} onClose={close} onAdd={add} />}
      <div className="relative min-h-0 flex-1">
        {tabs.list.map(({ id, way, turn }) => (
          <Attachment
            key={`${id} ${turn}`}
            way={way}
            shown={id === tabs.shown}
            preferences={preferences}
            onPrefer={prefer}
            onWay={(found) => change((now) => foundSession(now, id, found))}
            onAttach={(wanted) => change((now) => attachAgain(now, id, wanted))}
            onLook={(look) => setLooks((all) => ({ ...all, [id]: look }))}
            onGoTo={goTo}
            onAdd={several ? null : add}
            takeFocus={takeFocus}
          />
        ))}
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
  return <Shells tabs={tabs} change={change} />;
}

"use client";
/** The page's shells, as its address names them and as they are opened and closed; the address follows. */
import { useEffect, useState } from "react";
import { tabsOf, type Tabs } from "@/lib/attachment/tabs";
import { addressOf, readWays } from "@/lib/attachment/way";

/** `undefined` until the address is read, `null` where it names no shell. */
export function useTabs() {
  const [tabs, setTabs] = useState<Tabs | null | undefined>();
  useEffect(() => {
    const ways = readWays(window.location.search);
    setTabs(ways && tabsOf(ways.list, ways.shown));
  }, []);
  useEffect(() => {
    if (!tabs) return;
    const address = addressOf({ list: tabs.list.map(({ way }) => way), shown: tabs.list.findIndex(({ id }) => id === tabs.shown) });
    if (address !== window.location.pathname + window.location.search) window.history.replaceState(null, "", address);
  }, [tabs]);
  const change = (how: (tabs: Tabs) => Tabs) => setTabs((now) => now && how(now));
  return [tabs, change] as const;
}

/** The shells of one page, side by side: which ones, in which order, and which one is shown. Pure. */
import type { Way } from "./way";

export interface Tab {
  /** Its own for as long as the page is there. */
  id: number;
  way: Way;
  /** Attached anew so many times, as after its end. */
  turn: number;
}

export interface Tabs {
  list: Tab[];
  /** The one that is shown. */
  shown: number;
  nextId: number;
}

/** As many as there are digits to switch to them. */
export const MOST_TABS = 9;

export const tabsOf = (ways: Way[], shown: number): Tabs => {
  const list = ways.slice(0, MOST_TABS).map((way, id) => ({ id, way, turn: 0 }));
  return { list, shown: Math.min(Math.max(0, shown), list.length - 1), nextId: list.length };
};

/** Beside the others and shown; a session that is here already is only shown. */
export function openTab(tabs: Tabs, way: Way): Tabs {
  const there = way.session === null ? undefined : tabs.list.find((tab) => tab.way.session === way.session);
  if (there) return { ...tabs, shown: there.id };
  if (tabs.list.length >= MOST_TABS) return tabs;
  return { list: [...tabs.list, { id: tabs.nextId, way, turn: 0 }], shown: tabs.nextId, nextId: tabs.nextId + 1 };
}

/** Away with it, but never with the last one. What was beside it is shown, if it was shown itself. */
export function closeTab(tabs: Tabs, id: number): Tabs {
  const at = tabs.list.findIndex((tab) => tab.id === id);
  if (at < 0 || tabs.list.length === 1) return tabs;
  const list = tabs.list.filter((tab) => tab.id !== id);
  const beside = list[Math.min(at, list.length - 1)]?.id ?? tabs.shown;
  return { ...tabs, list, shown: tabs.shown === id ? beside : tabs.shown };
}

/** The one in this place, from 0; where there is none, nothing changes. */
export function showPlace(tabs: Tabs, place: number): Tabs {
  const tab = tabs.list[place];
  return tab ? { ...tabs, shown: tab.id } : tabs;
}

const change = (tabs: Tabs, id: number, how: (tab: Tab) => Tab): Tabs => ({ ...tabs, list: tabs.list.map((tab) => (tab.id === id ? how(tab) : tab)) });

/** What it shows got its session. */
export const foundSession = (tabs: Tabs, id: number, way: Way): Tabs => change(tabs, id, (tab) => ({ ...tab, way }));

/** It attaches anew. */
export const attachAgain = (tabs: Tabs, id: number, way: Way): Tabs => change(tabs, id, (tab) => ({ ...tab, way, turn: tab.turn + 1 }));

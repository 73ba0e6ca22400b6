import { describe, expect, it } from "vitest";
import { attachAgain, closeTab, foundSession, MOST_TABS, openTab, showPlace, tabsOf, type Tabs } from "./tabs";
import type { Way } from "./way";

const way = (target: string, session: string | null = null): Way => ({ target, credential: null, session, watch: false, protocol: "ssh" });
const THREE = tabsOf([way("a", "s1"), way("b"), way("c")], 1);
const look = ({ list, shown }: Tabs) => list.map((tab) => (tab.id === shown ? `[${tab.way.target}]` : tab.way.target)).join(" ");

describe("shells side by side", () => {
  it("begin with one that is shown, whatever was asked for", () => {
    expect(look(THREE)).toBe("a [b] c");
    expect(look(tabsOf([way("a"), way("b")], 7))).toBe("a [b]");
    expect(look(tabsOf([way("a")], -1))).toBe("[a]");
  });

  it("are opened behind the last, also twice the same target", () => {
    expect(look(openTab(THREE, way("a")))).toBe("a b c [a]");
    expect(new Set(openTab(openTab(THREE, way("a")), way("a")).list.map(({ id }) => id)).size).toBe(5);
  });

  it("show a session once", () => {
    expect(look(openTab(THREE, way("a", "s1")))).toBe("[a] b c");
  });

  it("are at most as many as there are digits", () => {
    const full = tabsOf(Array.from({ length: MOST_TABS + 3 }, () => way("x")), 0);
    expect(full.list).toHaveLength(MOST_TABS);
    expect(openTab(full, way("y"))).toBe(full);
  });

  it("are closed, and the one beside is shown", () => {
    expect(look(closeTab(THREE, 1))).toBe("a [c]");
    expect(look(closeTab(showPlace(THREE, 2), 2))).toBe("a [b]");
    expect(look(closeTab(THREE, 0))).toBe("[b] c");
    expect(look(closeTab(tabsOf([way("a")], 0), 0))).toBe("[a]");
    expect(closeTab(THREE, 99)).toBe(THREE);
  });

  it("are switched by their place", () => {
    expect(look(showPlace(THREE, 2))).toBe("a b [c]");
    expect(showPlace(THREE, 3)).toBe(THREE);
  });

  it("keep what they show when their session is known, and attach anew when they are told to", () => {
    expect(foundSession(THREE, 1, way("b", "s2")).list[1]).toEqual({ id: 1, way: way("b", "s2"), turn: 0 });
    expect(attachAgain(THREE, 1, way("b")).list[1]).toEqual({ id: 1, way: way("b"), turn: 1 });
  });
});

import { expect, it } from "vitest";
import type { CommandFinding, CommandState } from "@/lib/api/schema";
import { isAway, isUnfinished, lastLines, mayHave, refreshMs, stateTone, took, trouble, worst, worstFirst } from "./commands";

const STATES: CommandState[] = ["waiting", "sent", "running", "done", "failed", "expired", "withdrawn"];
const finding = (check: string, level: CommandFinding["level"]): CommandFinding => ({ check, level, found: "", advice: "" });

it("a command goes on until it is done, failed, expired or withdrawn", () => {
  expect(STATES.filter((state) => isUnfinished({ state }))).toEqual(["waiting", "sent", "running"]);
});

it("what goes on is asked after each second", () => {
  expect(refreshMs([{ state: "done" }, { state: "running" }])).toBe(1000);
  expect(refreshMs([{ state: "done" }])).toBe(10_000);
  expect(refreshMs([])).toBe(10_000);
});

it("each state has a look", () => {
  expect(STATES.map(stateTone)).toEqual(["warn", "info", "info", "ok", "bad", "warn", "none"]);
});

it("it took the time from its order to its end, if somebody did it", () => {
  const times = { ordered_at: "2026-03-01T10:00:00Z", finished_at: "2026-03-01T10:00:12Z" };
  expect(took({ state: "done", ...times })).toBe("12 s");
  expect(took({ state: "failed", ...times })).toBe("12 s");
  expect(took({ state: "done", ordered_at: "2026-03-01T10:00:00.100Z", finished_at: "2026-03-01T10:00:00.321Z" })).toBe("221 ms");
  expect(took({ state: "expired", ...times })).toBeNull();
  expect(took({ state: "running", ordered_at: times.ordered_at, finished_at: null })).toBeNull();
});

it("what failed says why and what to do, also with a code that is newer than this page", () => {
  expect(trouble({ state: "failed", failed_code: "session_gone" })?.title).toBe("The session is gone");
  expect(trouble({ state: "failed", failed_code: "brand_new" })?.title).toBe("It failed at the site");
  expect(trouble({ state: "expired", failed_code: null })?.todo).toMatch(/^Order it again/);
  expect(trouble({ state: "done", failed_code: null })).toBeNull();
});

it("of findings the worst come first, and others stay in their order", () => {
  const found = [finding("policy", "ok"), finding("clock", "warning"), finding("disk", "failed"), finding("dns", "ok"), finding("sessions", "warning")];
  expect(worstFirst(found).map(({ check }) => check)).toEqual(["disk", "clock", "sessions", "policy", "dns"]);
  expect(worst(found)).toBe("failed");
  expect(worst([])).toBeNull();
});

it("the last lines of a log", () => {
  expect(lastLines("a\nb\nc\n", 2)).toEqual(["b", "c"]);
  expect(lastLines("a\nb", 5)).toEqual(["a", "b"]);
  expect(lastLines("", 5)).toEqual([]);
});

it("a session is at a satellite of its zone that was not revoked, rather at one that is away", () => {
  const row = (id: string, zone_id: string, state: string) => ({ id, zone_id, state });
  const all = [row("revoked", "z", "revoked"), row("quarantined", "z", "quarantined"), row("online", "z", "online"), row("other", "y", "online"), row("offline", "z", "offline")];
  expect(mayHave(all, "z").map(({ id }) => id)).toEqual(["offline", "online", "quarantined"]);
});

it("a site that is away or does not answer may be reached later", () => {
  expect(["zone_offline", "site_no_answer", "session_gone", undefined].filter(isAway)).toEqual(["zone_offline", "site_no_answer"]);
});

import { describe, expect, it } from "vitest";
import type { Satellite } from "@/lib/api/schema";
import { asksBack, byAttention, issues, summary } from "./attention";
import { at, away, guacd, HOUR_MS, NOW, satellite } from "./rig";

const found = (more: Partial<Satellite>) => issues(satellite(more), NOW).map(({ short, tone }) => `${tone}: ${short}`);

describe("what needs somebody", () => {
  it("is nothing while all is in order", () => {
    expect(found({})).toEqual([]);
    expect(issues(away(), NOW)).toEqual([]);
  });

  it.each<[string, Partial<Satellite>, string[]]>([
    ["a certificate with more than a day", { certificate_expires_at: at(25 * HOUR_MS) }, []],
    ["a certificate within a day of its end", { certificate_expires_at: at(5 * HOUR_MS) }, ["warn: Certificate ends in 5 h"]],
    ["a certificate that is over", { certificate_expires_at: at(-2 * HOUR_MS) }, ["bad: Certificate ran out 2 h ago"]],
    ["no certificate known", { certificate_expires_at: null }, []],
    ["a clock one minute off", { clock_skew_ms: -60_000 }, []],
    ["a clock further ahead", { clock_skew_ms: 180_000 }, ["warn: Clock 3 min ahead"]],
    ["a clock further behind", { clock_skew_ms: -61_000 }, ["warn: Clock 1 min behind"]],
    ["a disk with a twentieth free", { disk_free_bytes: 5e9, disk_bytes: 100e9 }, []],
    ["a disk with less", { disk_free_bytes: 4.9e9, disk_bytes: 100e9 }, ["warn: Disk nearly full: 4.9 GB free of 100 GB"]],
    ["a full disk", { disk_free_bytes: 0, disk_bytes: 100e9 }, ["bad: Disk full"]],
    ["a disk of unknown size", { disk_free_bytes: 0, disk_bytes: null }, []],
    ["a guacd that is away where nobody needs one", { guacd: guacd({ here: false }) }, []],
    ["a guacd that is away where targets are desktops", { guacd: guacd({ here: false }), has_desktops: true }, ["warn: No desktops: guacd is away"]],
    ["a guacd that can do nothing", { guacd: guacd({ protocols: [] }), has_desktops: true }, ["warn: No desktops: guacd can do neither RDP nor VNC"]],
    ["a guacd that is there", { guacd: guacd(), has_desktops: true }, []],
    ["a guacd of which nobody knows", { guacd: null, has_desktops: true }, []],
    ["a copied identity", { state: "quarantined" }, ["bad: Two machines use its identity"]],
    ["one that waits to be let in", { state: "offline", readmission_asked_at: at(-HOUR_MS), certificate_expires_at: at(-2400 * HOUR_MS) }, ["bad: Asks to be let back in"]],
    ["a policy that it refused", { policy_refused: "its signature is wrong" }, ["bad: Refused its policy"]],
    ["a newer policy that is on its way", { policy_version: 419 }, []],
    ["a newer policy that cannot reach it", { policy_version: 418, state: "offline", offline_since: at(-HOUR_MS) }, ["warn: Policy v418 of v420"]],
    ["a revoked one, whatever else", { state: "revoked", certificate_expires_at: at(-1), readmission_asked_at: at(-1) }, []],
  ])("%s", (_, more, expected) => {
    expect(found(more)).toEqual(expected);
  });

  it("comes with what to do", () => {
    const more = (about: Partial<Satellite>) => issues(satellite(about), NOW)[0]?.more;
    expect(more({ state: "quarantined" })).toMatch(/Stop the copy, then release it/);
    expect(more({ state: "offline", readmission_asked_at: at(-HOUR_MS) })).toMatch(/came back 60 min ago/);
    expect(more({ state: "offline", certificate_expires_at: at(-HOUR_MS) })).toMatch(/by itself/);
    expect(more({ certificate_expires_at: at(-HOUR_MS) })).toMatch(/doctor/);
    expect(more({ has_desktops: true, guacd: guacd({ here: false, error: "nothing listens there" }) })).toMatch(/127\.0\.0\.1:4822: nothing listens there\. Install it/);
  });

  it("has the worst first", () => {
    expect(found({ clock_skew_ms: 90_000, disk_free_bytes: 0 })).toEqual(["bad: Disk full", "warn: Clock 2 min ahead"]);
  });
});

describe("letting back in", () => {
  it("is asked for only where releasing or revoking does not decide it", () => {
    const asked = { readmission_asked_at: at(-1) };
    expect((["online", "offline", "quarantined", "revoked"] as const).map((state) => asksBack(satellite({ state, ...asked })))).toEqual([true, true, false, false]);
    expect(asksBack(away())).toBe(false);
  });
});

describe("a list", () => {
  const all = [
    satellite({ name: "revoked", state: "revoked", zone: "a" }),
    satellite({ name: "fine-b", zone: "b" }),
    satellite({ name: "fine-a", zone: "a" }),
    satellite({ name: "clock", zone: "a", clock_skew_ms: 90_000 }),
    satellite({ name: "full", zone: "z", disk_free_bytes: 0 }),
    away({ name: "away", zone: "a" }),
    away({ name: "asks", zone: "z", readmission_asked_at: at(-1) }),
    away({ name: "twice", zone: "z", state: "quarantined" }),
  ];

  it("begins with what needs attention, and ends with the revoked", () => {
    expect(byAttention(all, NOW).map(({ name }) => name)).toEqual(["twice", "asks", "away", "full", "clock", "fine-a", "fine-b", "revoked"]);
  });

  it("is summed up in a line, without the revoked", () => {
    expect(summary(all, NOW).map(({ words }) => words)).toEqual(["2 need your decision", "1 offline", "2 with a warning", "4 online"]);
    expect(summary([satellite()], NOW).map(({ words }) => words)).toEqual(["1 online"]);
    expect(summary([], NOW)).toEqual([]);
  });
});

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { Satellite } from "@/lib/api/schema";
import { byRole } from "@/lib/markup";
import { away, guacd, satellite } from "@/lib/satellite/rig";
import { Table } from "@/ui/table";
import { COLUMNS } from "../admin/satellites/columns";
import { Details } from "../admin/satellites/satellite/details";
import { IssueNotices } from "./satellite";
import { SatelliteActions } from "./satellite-actions";

const HOUR_MS = 3_600_000;
const soon = (ms: number) => new Date(Date.now() + ms).toISOString();
/** In order as of now: rendering reads the clock. */
const fresh = (more: Partial<Satellite> = {}) => satellite({ certificate_expires_at: soon(120 * HOUR_MS), ...more });
const gone = (more: Partial<Satellite> = {}) => away({ certificate_expires_at: soon(120 * HOUR_MS), ...more });

const show = (page: ReactNode) => renderToStaticMarkup(<QueryClientProvider client={new QueryClient()}>{page}</QueryClientProvider>);
const names = (html: string, role: string) => byRole(html, role).map(({ name }) => name);

describe("the decisions about a satellite", () => {
  const offered = (one: Satellite) => names(show(<SatelliteActions satellite={one} />), "button");

  it.each<[string, Satellite, string[]]>([
    ["online", fresh(), ["Revoke gate-7"]],
    ["offline", gone(), ["Revoke gate-7"]],
    ["quarantined", gone({ state: "quarantined" }), ["Release gate-7", "Revoke gate-7"]],
    ["back after too long", gone({ readmission_asked_at: soon(-HOUR_MS) }), ["Let back in gate-7", "Revoke gate-7"]],
    ["quarantined and back after too long", gone({ state: "quarantined", readmission_asked_at: soon(-HOUR_MS) }), ["Release gate-7", "Revoke gate-7"]],
    ["revoked", gone({ state: "revoked" }), []],
  ])("%s", (_, one, expected) => {
    expect(offered(one)).toEqual(expected);
  });
});

describe("what needs attention", () => {
  it("is a list that says what to do", () => {
    const html = show(<IssueNotices satellite={fresh({ state: "quarantined", clock_skew_ms: -180_000 })} />);
    expect(names(html, "list")).toEqual(["Needs attention"]);
    expect(byRole(html, "listitem").map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Two machines use its identity .* Stop the copy, then release it/),
      expect.stringMatching(/^Clock 3 min behind Certificates /),
    ]);
  });

  it("is not there while all is in order", () => {
    expect(show(<IssueNotices satellite={fresh()} />)).toBe("");
  });
});

describe("a satellite in the list", () => {
  const cells = (one: Satellite) =>
    byRole(show(<Table label="Satellites" columns={COLUMNS} rows={[one]} rowKey={({ id }) => id} onOpen={() => undefined} />), "cell").map(({ text }) => text);

  it("shows the essentials", () => {
    const [name, state, transport, line, policy, sessions, version] = cells(fresh({ spool_bytes: 3.2e6, policy_version: 418, loss_permille: { to: 3, from: 12 } }));
    expect(name).toBe("gate-7 Zone plant-7");
    expect(state).toMatch(/^Online since /);
    expect([transport, line, policy, sessions, version]).toEqual(["QUIC", "42 ms 1.2 % lost", "v418 of v420 3.2 MB waiting", "3", "0.1.0"]);
  });

  it("says why it is on TCP, beside it", () => {
    expect(cells(fresh({ transport: "tcp", transport_note: "no QUIC: timed out" }))[2]).toBe("TCP no QUIC: timed out");
  });

  it("stays there while it is away, with what was last known", () => {
    const [, state, transport, line, policy, sessions, version] = cells(gone());
    expect(state).toMatch(/^Offline since .* nothing goes on there since /);
    expect([transport, line, policy, sessions, version]).toEqual(["–", "–", "v420", "–", "0.1.0"]);
  });

  it("says beside its name what needs attention", () => {
    expect(cells(fresh({ clock_skew_ms: 180_000 }))[0]).toBe("gate-7 Zone plant-7 Clock 3 min ahead");
  });

  it("can be opened by key, and leads to its page", () => {
    const html = show(<Table label="Satellites" columns={COLUMNS} rows={[fresh()]} rowKey={({ id }) => id} onOpen={() => undefined} />);
    expect(byRole(html, "row")[1]?.attributes.tabindex).toBe("0");
    expect(byRole(html, "link", "gate-7")[0]?.attributes.href).toMatch(new RegExp(`^/admin/satellites/satellite/?\\?id=${fresh().id}$`));
  });
});

describe("all about a satellite", () => {
  function facts(one: Satellite): Record<string, string> {
    const html = show(<Details satellite={one} />);
    const values = byRole(html, "definition").map(({ text }) => text);
    return Object.fromEntries(byRole(html, "term").map(({ text }, index) => [text, values[index] ?? ""]));
  }

  it("is said in words", () => {
    const online = facts(fresh({ transport: "tcp", transport_note: "proxy set", loss_permille: null, clock_skew_ms: -125_000, disk_free_bytes: 2e9, spool_bytes: 3.2e6, events_waiting: 7 }));
    expect(online).toMatchObject({
      State: "Online Its tunnel to the hub stands.",
      Transport: "TCP proxy set",
      "Round trip": "42 ms",
      "Packets lost": "not counted over TCP",
      Bus: "heard there",
      Clock: "2 min behind",
      "Sessions now": "3",
      Disk: "2.0 GB free of 250 GB",
      "Recordings waiting": "3.2 MB on their way to the hub",
      "Events waiting": "7 on their way to the hub",
    });
    expect(online["Certificate until"]).toMatch(/\( in 5 days \)$/);
  });

  it("says what draws its desktops", () => {
    const since = soon(-HOUR_MS);
    expect(facts(fresh({ guacd: guacd({ since }), has_desktops: true })).Desktops).toMatch(/^guacd at 127\.0\.0\.1:4822, 1\.3\.0 or newer: RDP and VNC \(/);
    const gone = guacd({ since, here: false, tls: true, version: null, protocols: [], error: "it does not answer" });
    expect(facts(fresh({ guacd: gone })).Desktops).toMatch(/^no guacd at 127\.0\.0\.1:4822 \(TLS\): it does not answer .* Shells need none\.$/);
    expect(facts(fresh({ guacd: gone, has_desktops: true })).Desktops).not.toContain("Shells");
    expect(facts(fresh()).Desktops).toBeUndefined();
  });

  it("has the site's own limits", () => {
    const reach = { networks: ["10.20.0.0/16"], ports: [], protocols: ["ssh"] };
    expect(facts(fresh({ reach }))).toMatchObject({ Protocols: "SSH", Ports: "any", Networks: "10.20.0.0/16" });
    expect(show(<Details satellite={fresh()} />)).toContain("The site sets no limits of its own");
  });

  it("claims nothing that it does not know of one that is away", () => {
    const html = show(<Details satellite={gone()} />);
    expect(names(html, "term")).toEqual(["State", "Offline since", "Policy", "Without the hub", "Machine", "Joined", "Certificate until", "Satellite id", "Version"]);
    expect(html).not.toContain("no limits");
  });

  it("has nothing more to wait for from a revoked one", () => {
    expect(names(show(<Details satellite={gone({ state: "revoked" })} />), "heading")).toEqual(["Line to the hub", "Identity", "Machine"]);
  });

  it("stands under headings", () => {
    expect(names(show(<Details satellite={fresh()} />), "heading")).toEqual(["Line to the hub", "Identity", "Machine", "What the site allows"]);
  });
});

import { expect, it } from "vitest";
import type { GrantedTarget, Me, Session } from "@/lib/api/schema";
import { pageEntries, sessionEntries, targetEntries } from "./entries";
import { pagesFor } from "@/lib/pages";

const ADA: Me = { id: "ada", username: "ada", role: "admin", has_password: true, traces: false };
const NOW = Date.UTC(2026, 0, 1, 12);

const target = (more: Partial<GrantedTarget>): GrantedTarget => ({
  id: "t", name: "press-4", zone: "plant-7", zone_id: "z", protocol: "ssh", reachable: true, open: true, credentials: [{ id: "c", username: "root" }], ...more,
});

const session = (more: Partial<Session>): Session => ({
  id: "s", target: "press-4", target_id: "t", zone: "plant-7", zone_id: "z", user: "ada", user_id: "ada", username: "root", protocol: "ssh",
  attached: true, session_status: "active", start_time: "2026-01-01T11:55:00Z", ...more,
});

it("targets that cannot be opened here are not offered, and one that is away says so", () => {
  const entries = targetEntries([target({}), target({ id: "rdp", protocol: "rdp" }), target({ id: "bare", credentials: [] }), target({ id: "away", reachable: false, description: "Hydraulics" })]);
  expect(entries).toEqual([
    { kind: "target", id: "target t", name: "press-4", about: "plant-7", href: "/shell/?target=t" },
    { kind: "target", id: "target rdp", name: "press-4", about: "plant-7", href: "/shell/?target=rdp&protocol=rdp" },
    { kind: "target", id: "target away", name: "press-4", about: "plant-7 · Hydraulics", href: "/shell/?target=away", trouble: "Not reachable now" },
  ]);
});

it("only one's own sessions are offered", () => {
  expect(sessionEntries([session({}), session({ id: "maras", user_id: "mara" })], ADA, NOW)).toEqual([
    { kind: "session", id: "session s", name: "press-4", about: "root · plant-7 · started 5 min ago", href: "/shell/?target=t&session=s" },
  ]);
});

it("pages are those of one's role", () => {
  const names = (role: Me["role"]) => pageEntries(pagesFor(role)).map(({ name, about }) => (about ? `${about}: ${name}` : name));
  expect(names("user")).toEqual(["My targets", "Sessions", "Recordings", "Schedules", "Your account"]);
  expect(names("auditor")).toEqual(["My targets", "Sessions", "Recordings", "Schedules", "Audit", "Commands", "Bus", "Audit events", "Outages of sites", "Why somebody may open a target", "Your account"]);
  expect(names("admin")).toContain("Administration: Targets");
  expect(names("admin")).toContain("Administration: Bus");
  expect(names("admin")).toContain("Administration: Commands");
});

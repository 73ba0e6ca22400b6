import { describe, expect, it } from "vitest";
import { eventWords } from "./events";

describe("an event in words", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["sign_in.refused", { username: "ann" }, "Sign-in refused for ann"],
    ["user.created", { username: "ann" }, "Created user ann"],
    ["target.changed", { name: "press", changes: { port: { from: 22, to: 2222 }, description: { from: "old", to: null } } }, "Changed target press: port 22 → 2222, description old → nothing"],
    ["credential.changed", { name: "root", changes: { vault_secret_path: { from: "a", to: "b" } } }, "Changed credential root: a new secret"],
    ["zone.deleted", { name: "plant-7", retired: true }, "Deleted zone plant-7"],
    ["session.ended", { code: "closed_by_user", message: "you closed this session" }, "The session ended: closed by its user"],
    ["session.ended", { message: "the program ended" }, "The session ended: the program ended"],
    ["session.uploaded", { name: "/mix.csv", whole: true }, "Sent file /mix.csv to the desktop"],
    ["session.downloaded", { name: "line.pdf", whole: false }, "Fetched file line.pdf from the desktop: not all of it"],
    ["installation.restored", { backup_at: "2026-11-28T03:00:00Z" }, "Restored from a backup of 2026-11-28T03:00:00Z"],
    ["schedule.changed", { user: "ann", target: "press", changes: { timezone: { from: "UTC", to: "Asia/Tokyo" } } }, "Changed the schedule of ann on press: timezone UTC → Asia/Tokyo"],
    ["licence.expires_soon", {}, "Licence expires soon"],
  ])("%s", (kind, detail, words) => {
    expect(eventWords({ kind, detail })).toBe(words);
  });
});

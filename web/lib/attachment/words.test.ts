import { describe, expect, it } from "vitest";
import { kinds } from "@/texts/kinds";
import { reasonWords } from "./reasons";
import type { Closed } from "./messages";
import { ending, endsWords, noticeWords } from "./words";

const CODES =
  "exited closed_by_user terminated_by_admin window_ended longest_session idle_limit grace_expired user_disabled satellite_restarted session_gone taken_over signed_out " +
  "not_granted site_forbids outside_window session_limit zone_offline target_unreachable credential_rejected host_key_changed policy_stale disk_full license internal " +
  "hub_unreachable connection_refused connection_lost protocol_error";

const closed = (code: string, more: Partial<Closed> = {}): Closed => ({
  type: "closed",
  code,
  message: "",
  hop: "hub",
  ended: true,
  exitStatus: null,
  exitSignal: null,
  ...more,
});

describe("how a desktop ended", () => {
  it("is said otherwise where a shell's words would be wrong", () => {
    expect(ending(closed("exited"), kinds.desktop).title).toBe("The desktop was closed");
    expect(ending(closed("window_ended"), kinds.desktop)).toEqual(ending(closed("window_ended")));
  });
});

describe("how a shell ended", () => {
  it.each(CODES.split(" "))("has words of its own: %s", (code) => {
    expect(ending(closed(code)).title).not.toBe(ending(closed("something_new")).title);
    expect(ending(closed(code)).todo).not.toBe("");
  });

  it.each(["idle_limit", "longest_session", "window_ended"])("is said before: %s", (code) => {
    expect(endsWords(code)).toMatch(/ends soon/);
    for (const other of ["idle_limit", "longest_session", "window_ended"]) expect(endsWords(code) === endsWords(other)).toBe(code === other);
  });

  it("has words for what a newer hub says", () => {
    expect(ending(closed("something_new")).title).toBe("The session is over");
  });

  it("says plainly that it is the site that forbids", () => {
    expect(ending(closed("site_forbids", { hop: "site" }))).toMatchObject({ title: "The site forbids it", tone: "bad", again: false });
  });

  it("tells the exit status and the signal", () => {
    expect(ending(closed("exited", { exitStatus: 0 }))).toMatchObject({ title: "The program ended", tone: "ok" });
    expect(ending(closed("exited", { exitStatus: 130 }))).toMatchObject({ title: "The program ended with status 130", tone: "warn" });
    expect(ending(closed("exited", { exitSignal: "KILL" })).title).toBe("The program was ended by signal KILL");
  });
});

describe("a notice", () => {
  it("is what the hub says, in a sentence", () => {
    const message = "this site's satellite is about to be restarted: this session ends in 5 min at the latest";
    expect(noticeWords({ code: "ends_soon", message })).toBe("This site's satellite is about to be restarted: this session ends in 5 min at the latest.");
    expect(noticeWords({ code: "brand_new", message: "Look here!" })).toBe("Look here!");
  });

  it("has words where it comes without, even if it is newer than this page", () => {
    expect(noticeWords({ code: "ends_soon", message: "" })).toMatch(/ends soon/);
    expect(noticeWords({ code: "brand_new", message: "" })).toBe("Notice from the hub: brand new");
  });
});

describe("why a session is over, in a list", () => {
  it("is said in words for every end that the books know", () => {
    const here = ["taken_over", "signed_out", "hub_unreachable", "connection_refused", "connection_lost", "protocol_error"];
    for (const code of CODES.split(" ").filter((known) => !here.includes(known))) expect(reasonWords(code)).toMatch(/^[A-Z]/);
    expect(reasonWords("brand_new")).toBe("brand new");
  });
});

import { describe, expect, it } from "vitest";
import { minutes, offlineChoices, seconds, termsInWords, waysInWords } from "./words";

describe("terms in words", () => {
  it.each([
    [{}, null],
    [{ max_session_seconds: null, idle_seconds: null, consent: null }, null],
    [{ max_session_seconds: 28_800 }, "At most 8 h"],
    [{ offline_seconds: 86_400 }, null],
    [{ offline_seconds: 0 }, "Not without the hub"],
    [{ idle_seconds: 900, offline_seconds: 28_800 }, "Ends when idle for 15 min · 8 hours without the hub"],
    [{ idle_seconds: 900, consent: "x" }, "Ends when idle for 15 min · text to agree to"],
    [{ clipboard_copy: true, clipboard_paste: true, file_download: false, file_upload: false }, null],
    [{ clipboard_copy: false, file_upload: true }, "No copying from desktops · files to desktops"],
    [{ idle_seconds: 900, clipboard_paste: false, file_download: true }, "Ends when idle for 15 min · no pasting on desktops · files from desktops"],
    [
      { max_session_seconds: 28_800, schedule: { start_time: "2026-03-02T07:00:00Z", end_time: "2026-03-02T15:00:00Z", recurrence_rule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", timezone: "Europe/Berlin" } },
      "Monday to Friday 08:00 to 16:00 (Europe/Berlin) · at most 8 h",
    ],
    [{ schedule: { start_time: "2026-03-02T07:00:00Z", end_time: "2026-03-04T07:00:00Z", recurrence_rule: "FREQ=MONTHLY;BYMONTHDAY=2", timezone: "UTC" } }, "Every month on day 2 from 07:00 for 2 days (UTC)"],
    [{ schedule: { start_time: "2026-03-03T13:30:00Z", end_time: "2026-03-03T15:30:00Z", recurrence_rule: "FREQ=WEEKLY;BYDAY=TU", timezone: "Asia/Kolkata" } }, "Every Tuesday 19:00 to 21:00 (Asia/Kolkata)"],
    [{ schedule: { start_time: "2026-03-02T07:00:00Z", end_time: "2026-03-02T09:00:00Z", recurrence_rule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,MO", timezone: "UTC" } }, "Every 2 weeks on Monday and Thursday 07:00 to 09:00 (UTC)"],
    [{ schedule: { start_time: "2026-03-02T07:00:00Z", end_time: "2026-03-02T09:00:00Z", recurrence_rule: "FREQ=YEARLY", timezone: "UTC" } }, "By a rule 07:00 to 09:00 (UTC)"],
    [{ schedule: { start_time: "2026-03-02T13:30:00Z", end_time: "2026-03-02T15:30:00Z", timezone: "Asia/Kolkata" } }, "Mar 2, 2026, 19:00 to 21:00 (Asia/Kolkata)"],
    [{ schedule: { start_time: "2026-03-02T17:30:00Z", end_time: "2026-03-02T19:30:00Z", timezone: "Asia/Kolkata" } }, "Mar 2, 2026, 23:00 to Mar 3, 2026, 01:00 (Asia/Kolkata)"],
  ])("%j", (terms, text) => {
    expect(termsInWords(terms)).toBe(text);
  });
});

it("a limit in minutes comes back as the seconds that it was", () => {
  for (const limit of [60, 70, 90, 899, 28_800, 2_678_400]) expect(seconds(minutes(limit))).toBe(limit);
  expect(minutes(null)).toBe("");
  expect(seconds(" ")).toBeNull();
});

it("what may pass is said way by way", () => {
  const usual = { clipboard_copy: true, clipboard_paste: true, file_download: false, file_upload: false };
  expect(waysInWords(usual)).toBe("copy text, paste text");
  expect(waysInWords({ ...usual, clipboard_copy: false, file_upload: true })).toBe("paste text, put files");
  expect(waysInWords({ ...usual, clipboard_copy: false, clipboard_paste: false })).toBe("nothing passes");
});

it("the time without the hub that a grant has is among those to choose from", () => {
  const offered = (present: number) => offlineChoices(present).map(({ label }) => label);
  const usual = ["Not at all", "5 minutes", "1 hour", "8 hours", "1 day", "1 week", "4 weeks"];
  expect(offered(86_400)).toEqual(usual);
  expect(offered(7200)).toEqual([...usual.slice(0, 3), "2 h", ...usual.slice(3)]);
  expect(offered(3 * 86_400)).toContain("3 days");
});

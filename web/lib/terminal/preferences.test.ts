import { describe, expect, it } from "vitest";
import { DEFAULT_PREFERENCES, LARGEST_FONT, readPreferences, SMALLEST_FONT } from "./preferences";

describe("kept preferences", () => {
  it("are taken as they are", () => {
    const kept = { fontSize: 18, screenReader: true, predictions: false, asksBeforePaste: false, colours: "solarized" };
    expect(readPreferences(JSON.stringify(kept))).toEqual(kept);
  });

  it.each([null, "", "{", "null", "[]", '"x"', '{"fontSize":"18","screenReader":1}', '{"fontSize":null}', '{"colours":"__proto__"}'])("that are none are the default: %s", (text) => {
    expect(readPreferences(text)).toEqual(DEFAULT_PREFERENCES);
  });

  it("have a size that can be read", () => {
    expect(readPreferences('{"fontSize":1}').fontSize).toBe(SMALLEST_FONT);
    expect(readPreferences('{"fontSize":9999}').fontSize).toBe(LARGEST_FONT);
  });
});

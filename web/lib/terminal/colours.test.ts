import { expect, it } from "vitest";
import { COLOURS, isDark, leastContrast, terminalColours } from "./colours";

it.each([["#0a0c10", true], ["#002b36", true], ["#ffffff", false], ["#FDF6E3", false]])("whether %s is dark: %s", (colour, dark) => {
  expect(isDark(colour)).toBe(dark);
});

it.each(COLOURS.filter((colours) => colours !== "page"))("%s has every colour, in the form that the search needs to tell light from dark", (colours) => {
  const theme = terminalColours(colours);
  expect(Object.keys(theme)).toHaveLength(22);
  expect(Object.values(theme).filter((colour) => !/^#[0-9a-f]{6}$/.test(String(colour)))).toEqual([]);
});

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[0-9a-f]{2}/g) ?? []).map((part) => {
    const share = parseInt(part, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

it.each(COLOURS.filter((colours) => colours !== "page"))("%s can be read", (colours) => {
  const { background = "", foreground = "" } = terminalColours(colours);
  const [one, other] = [luminance(background), luminance(foreground)].toSorted((a, b) => b - a) as [number, number];
  expect((one + 0.05) / (other + 0.05)).toBeGreaterThan(leastContrast(colours));
});

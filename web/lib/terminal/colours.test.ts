import { expect, it } from "vitest";
import { isDark } from "./colours";

it.each([["#0a0c10", true], ["#002b36", true], ["#ffffff", false], ["#FDF6E3", false]])("whether %s is dark: %s", (colour, dark) => {
  expect(isDark(colour)).toBe(dark);
});

import { expect, test } from "vitest";
import { days, keptFor } from "./retention";

test("how long recordings are kept is said in words, and read from a form", () => {
  expect([keptFor(null), keptFor(1), keptFor(90)]).toEqual(["For ever", "1 day after the end of their session", "90 days after the end of their session"]);
  expect([days(""), days(" 30 ")]).toEqual([null, 30]);
});

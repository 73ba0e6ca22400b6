import { describe, expect, it } from "vitest";
import { routes, safeNext } from "./routes";

describe("addresses", () => {
  it("carry ids in the query, and nothing that is not there", () => {
    expect(routes.shell("t")).toBe("/shell/?target=t");
    expect(routes.shell("t", { session: "s", credential: undefined })).toBe("/shell/?target=t&session=s");
    expect(routes.shell("t", { protocol: "ssh" })).toBe("/shell/?target=t");
    expect(routes.shell("t", { protocol: "vnc" })).toBe("/shell/?target=t&protocol=vnc");
    expect(routes.recording("a&b")).toBe("/recordings/play/?session=a%26b");
    expect(routes.satellite("s")).toBe("/admin/satellites/satellite/?id=s");
    expect(routes.login()).toBe("/login/");
    expect(routes.login("/shell/?target=t&session=s")).toBe("/login/?next=%2Fshell%2F%3Ftarget%3Dt%26session%3Ds");
  });
});

describe("where to go after signing in", () => {
  it("is the page that one came from", () => {
    expect(safeNext("/shell/?target=t&session=s")).toBe("/shell/?target=t&session=s");
  });

  it.each([null, "", "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "targets/", "/login/?next=/login/"])(
    "is never another site's page, nor the sign-in itself: %s",
    (next) => {
      expect(safeNext(next)).toBe(routes.targets());
    },
  );

  it("is no other site's page even after the browser read it", () => {
    for (const next of ["/\t/evil.example", "/\n/evil.example", "/.//evil.example", "/a/..//evil.example", "/ok"]) {
      expect(new URL(safeNext(next), "https://hub.example").origin).toBe("https://hub.example");
    }
  });
});

import { describe, expect, it } from "vitest";
import { readWay } from "./way";

const TARGET = "01a21329-13fd-772d-995c-d100f025db11";
const SESSION = "01a21329-0cc4-761a-b8a7-336aef50f972";

describe("the way that an address says", () => {
  it("names a target, and maybe a session of it", () => {
    expect(readWay(`?target=${TARGET}`)).toEqual({ target: TARGET, credential: null, session: null, watch: false });
    expect(readWay(`?target=${TARGET}&session=${SESSION}&credential=${SESSION}&watch=1`)).toEqual({ target: TARGET, credential: SESSION, session: SESSION, watch: true });
  });

  it("leaves out what is no id, because the hub would refuse it before it could say why", () => {
    expect(readWay("?target=press-4")).toBeNull();
    expect(readWay("")).toBeNull();
    expect(readWay(`?target=${TARGET}&session=1;drop`)?.session).toBeNull();
  });
});

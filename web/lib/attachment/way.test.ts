import { describe, expect, it } from "vitest";
import { addressOf, readWay, readWays, type Way } from "./way";

const TARGET = "01a21329-13fd-772d-995c-d100f025db11";
const SESSION = "01a21329-0cc4-761a-b8a7-336aef50f972";

describe("the way that an address says", () => {
  it("names a target, and maybe a session of it", () => {
    expect(readWay(`?target=${TARGET}`)).toEqual({ target: TARGET, credential: null, session: null, watch: false, protocol: "ssh" });
    expect(readWay(`?target=${TARGET}&session=${SESSION}&credential=${SESSION}&watch=1`)).toEqual({ target: TARGET, credential: SESSION, session: SESSION, watch: true, protocol: "ssh" });
  });

  it("leaves out what is no id, because the hub would refuse it before it could say why", () => {
    expect(readWay("?target=press-4")).toBeNull();
    expect(readWay("")).toBeNull();
    expect(readWay(`?target=${TARGET}&session=1;drop`)?.session).toBeNull();
  });
});

describe("an address of a desktop", () => {
  it("names the protocol, and what nobody knows is a shell", () => {
    expect(readWay(`?target=${TARGET}&protocol=rdp`)?.protocol).toBe("rdp");
    expect(readWay(`?target=${TARGET}&protocol=gopher`)?.protocol).toBe("ssh");
  });
});

describe("an address of several sessions", () => {
  const way = (more: Partial<Way> = {}): Way => ({ target: TARGET, credential: null, session: null, watch: false, protocol: "ssh", ...more });
  const read = (address: string) => readWays(address.slice(address.indexOf("?")));

  it("of one is what it always was", () => {
    expect(addressOf({ list: [way({ session: SESSION })], shown: 0 })).toBe(`/shell/?target=${TARGET}&session=${SESSION}`);
    expect(read(`/shell/?target=${TARGET}&session=${SESSION}`)).toEqual({ list: [way({ session: SESSION })], shown: 0 });
    expect(readWays("?target=press-4")).toBeNull();
  });

  it("names all of them, in their order, and which one is shown", () => {
    const list = [way(), way({ session: SESSION, watch: true }), way({ credential: SESSION }), way({ watch: true }), way({ protocol: "rdp" }), way({ protocol: "vnc", session: TARGET })];
    for (const shown of list.keys()) expect(read(addressOf({ list, shown }))).toEqual({ list, shown });
    expect(addressOf({ list: list.slice(0, 2), shown: 0 })).toBe(`/shell/?target=${TARGET}&after=${TARGET}..${SESSION}.watch`);
  });

  it("leaves out what is no shell, and a session's second place", () => {
    expect(read(`/shell/?target=${TARGET}&session=${SESSION}&before=x&before=${TARGET}..${SESSION}&after=${TARGET}.;drop`)).toEqual({
      list: [way({ session: SESSION }), way()],
      shown: 0,
    });
  });
});

import { describe, expect, it } from "vitest";
import { satelliteFacts } from "@/texts/satellite-facts";
import { satellite } from "./rig";
import { clockWords, diskWords, limits, lossWords, satelliteName, transportWord, worstLoss } from "./words";

describe("a satellite's clock", () => {
  it.each([
    [0, "in step with the hub’s"],
    [-999, "in step with the hub’s"],
    [2000, "2 s ahead"],
    [-45_000, "45 s behind"],
    [180_000, "3 min ahead"],
    [-7_500_000, "2 h 5 min behind"],
  ])("%i ms from the hub's: %s", (ms, words) => {
    expect(clockWords(ms)).toBe(words);
  });
});

describe("packets lost", () => {
  it.each([
    [null, null, null],
    [{ to: null, from: null }, null, null],
    [{ to: 0, from: 0 }, "none", null],
    [{ to: 3, from: 12 }, "0.3 % to it, 1.2 % from it", "1.2 % lost"],
    [{ to: null, from: 50 }, "5 % from it", "5 % lost"],
    [{ to: 20, from: null }, "2 % to it", "2 % lost"],
  ])("%j: %s", (loss, words, worst) => {
    expect(lossWords(loss)).toBe(words);
    expect(worstLoss(loss)).toBe(worst);
  });
});

describe("a disk", () => {
  it("is free of its size, as far as that is known", () => {
    expect(diskWords(12e9, 250e9)).toBe("12 GB free of 250 GB");
    expect(diskWords(12e9, null)).toBe("12 GB free");
    expect(diskWords(null, 250e9)).toBeNull();
  });
});

describe("what a site allows", () => {
  const none = { networks: [], ports: [], protocols: [] };

  it("is nothing to say where it sets no limits", () => {
    expect(limits(null)).toBeNull();
    expect(limits(none)).toBeNull();
  });

  it.each([
    [{ ...none, protocols: ["ssh"] }, "The site allows only SSH."],
    [{ ...none, ports: ["22", "3389-3399"] }, "The site allows only ports 22 and 3389-3399."],
    [{ ...none, networks: ["10.20.0.0/16"] }, "The site allows only network 10.20.0.0/16."],
    [{ networks: ["10.20.0.0/16", "10.21.0.0/16", "fd00::/8"], ports: ["22"], protocols: ["ssh"] }, "The site allows only SSH on port 22 in networks 10.20.0.0/16, 10.21.0.0/16 and fd00::/8."],
    [{ networks: ["10.0.0.0/8"], ports: [], protocols: ["ssh", "rdp"] }, "The site allows only SSH and RDP in network 10.0.0.0/8."],
  ])("is one sentence: %j", (reach, words) => {
    const known = limits(reach);
    expect(known && satelliteFacts.allowsOnly(known)).toBe(words);
  });
});

describe("a satellite", () => {
  it("has a name to call it by, even without one", () => {
    expect(satelliteName(satellite())).toBe("gate-7");
    expect(satelliteName(satellite({ name: "" }))).toBe("…00c0de");
  });

  it("says what carries its tunnel", () => {
    expect([transportWord("quic"), transportWord("tcp"), transportWord(null)]).toEqual(["QUIC", "TCP", "–"]);
  });
});

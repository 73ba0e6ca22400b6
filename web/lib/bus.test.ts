import { expect, it } from "vitest";
import type { BusStatus } from "@/lib/api/schema";
import { standing } from "./bus";

const NOW = Date.UTC(2026, 0, 1, 12);
const THERE: BusStatus = { connected: true, managed: true, url: "nats://127.0.0.1:4222", servers: [], waiting: 0 };

it("a bus that is there and has taken all is well", () => {
  expect(standing(THERE, NOW)).toEqual({ tone: "ok", word: "Connected", trouble: null });
  // What has just happened is on its way.
  expect(standing({ ...THERE, waiting: 1, oldest_waiting: "2026-01-01T11:59:50Z" }, NOW).tone).toBe("ok");
});

it("one that is away says why, and what it means", () => {
  const stands = standing({ ...THERE, connected: false, reason: "there is no nats-server: install version 2.15.0 or later" }, NOW);
  expect(stands).toMatchObject({ tone: "bad", word: "Not connected" });
  expect(stands.trouble?.about).toMatch(/^There is no nats-server: install version 2\.15\.0 or later\. Sessions go on and no event is lost/);
});

it("one that does not answer, or takes nothing, is said to be that", () => {
  expect(standing({ ...THERE, reason: "the stream of events: timed out" }, NOW)).toMatchObject({ tone: "warn", word: "Does not answer" });
  expect(standing({ ...THERE, waiting: 7, oldest_waiting: "2026-01-01T11:59:00Z" }, NOW)).toMatchObject({
    tone: "warn",
    word: "Connected",
    trouble: { title: "Events wait for the stream" },
  });
});

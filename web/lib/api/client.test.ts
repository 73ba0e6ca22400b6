import { afterEach, describe, expect, it, vi } from "vitest";
import { address, ApiError, call, open, sentence } from "./client";

/** A hub that answers everything with this. */
function answering(response: Response | Error) {
  const asked = vi.fn(async (..._: Parameters<typeof fetch>) => {
    if (response instanceof Error) throw response;
    return response;
  });
  vi.stubGlobal("fetch", asked);
  return asked;
}

const json = (value: unknown, init: ResponseInit = {}) =>
  new Response(JSON.stringify(value), { ...init, headers: { "content-type": "application/json", ...init.headers } });

async function failure(response: Response | Error): Promise<ApiError> {
  answering(response);
  const error = await call("GET /api/v1/auth/me", {}).catch((reason: unknown) => reason);
  if (!(error instanceof ApiError)) throw new Error("an ApiError was expected");
  return error;
}

afterEach(() => vi.unstubAllGlobals());

describe("an operation's address", () => {
  it("has its path filled in and escaped", () => {
    expect(address("GET /api/v1/sessions/{id}", { id: "a/b?c" })).toBe("/api/v1/sessions/a%2Fb%3Fc");
  });

  it("has a query of what is given, in any type", () => {
    const query = { q: "plant 7", limit: 10, active: false, cursor: undefined, user: null, empty: "" };
    expect(address("GET /api/v1/targets", {}, query)).toBe("/api/v1/targets?q=plant+7&limit=10&active=false");
    expect(address("GET /api/v1/targets")).toBe("/api/v1/targets");
  });
});

describe("a call", () => {
  it("sends JSON with the browser's cookie and gives the answer", async () => {
    const asked = answering(json({ username: "ada" }));
    const body = { username: "ada", password: "x" };
    expect(await call("POST /api/v1/auth/login", { body })).toEqual({ username: "ada" });
    expect(asked).toHaveBeenCalledWith("/api/v1/auth/login", {
      method: "POST",
      credentials: "same-origin",
      cache: "no-store",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
  });

  it("without an answer gives undefined", async () => {
    answering(new Response(null, { status: 204 }));
    expect(await call("POST /api/v1/auth/logout", {})).toBeUndefined();
  });

  it("gives text as text", async () => {
    answering(new Response("$ ls", { headers: { "content-type": "text/plain; charset=utf-8" } }));
    expect(await call("GET /api/v1/recordings/{session_id}/text", { path: { session_id: "s" } })).toBe("$ ls");
  });

  it("can be read piece by piece", async () => {
    answering(new Response("piece"));
    const response = await open("GET /api/v1/recordings/{session_id}/cast", { path: { session_id: "s" } });
    expect(await new Response(response.body).text()).toBe("piece");
  });
});

describe("a failure", () => {
  it("carries what the problem document says", async () => {
    const document = { type: "about:blank", title: "Bad Request", status: 400, detail: "too long", code: "invalid_request", field: "name" };
    const error = await failure(json(document, { status: 400, headers: { "content-type": "application/problem+json" } }));
    expect(error).toMatchObject({ status: 400, code: "invalid_request", message: "too long", field: "name", retryAfterSeconds: null });
  });

  it("says how long to wait", async () => {
    const document = { code: "too_many_attempts", detail: "wait" };
    expect((await failure(json(document, { status: 429, headers: { "retry-after": "30" } }))).retryAfterSeconds).toBe(30);
    expect((await failure(json(document, { status: 429, headers: { "retry-after": "soon" } }))).retryAfterSeconds).toBeNull();
  });

  it("of a proxy, without a document, is told apart from the hub's", async () => {
    expect(await failure(new Response("<h1>Bad Gateway</h1>", { status: 502 }))).toMatchObject({ status: 502, code: "hub_away" });
    expect(await failure(json({ code: "x" }, { status: 418 }))).toMatchObject({ status: 418, code: "unknown", message: "The hub answered 418." });
    expect(await failure(json(null, { status: 500 }))).toMatchObject({ status: 500, code: "unknown" });
  });

  it("without any answer has status 0", async () => {
    expect(await failure(new TypeError("Failed to fetch"))).toMatchObject({ status: 0, code: "hub_away" });
  });

  it("is a sentence for people", () => {
    expect(sentence(new ApiError(400, "x", "too long"))).toBe("Too long.");
    expect(sentence(new ApiError(400, "x", "Is it?"))).toBe("Is it?");
    expect(sentence("what")).toBe("Something went wrong.");
  });
});

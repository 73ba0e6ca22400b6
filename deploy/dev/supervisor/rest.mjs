// The hub's REST API as a signed-in browser uses it: a cookie and the page's own origin.

import { Failure } from "./say.mjs";

/** The hub did not answer at all: it may be starting again. */
export class NoAnswer extends Error {}

export class Rest {
  #url;
  #cookie = "";

  constructor(url) {
    this.#url = url;
  }

  async #call(method, path, body) {
    let answer;
    try {
      answer = await fetch(this.#url + path, {
        method,
        headers: {
          origin: this.#url,
          accept: "application/json",
          ...(this.#cookie ? { cookie: this.#cookie } : {}),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        redirect: "error",
        signal: AbortSignal.timeout(10_000),
      });
      const text = await answer.text();
      const json = text && answer.headers.get("content-type")?.includes("json") ? JSON.parse(text) : null;
      return { status: answer.status, json, cookies: answer.headers.getSetCookie() };
    } catch (error) {
      throw new NoAnswer(`${method} ${path}: ${error.cause?.code ?? error.message}`);
    }
  }

  async #expect(method, path, body) {
    const { status, json } = await this.#call(method, path, body);
    if (status >= 200 && status < 300) return json;
    if (status === 502 || status === 503) throw new NoAnswer(`${method} ${path}: ${status}`);
    const why = [json?.code, json?.detail ?? json?.title].filter(Boolean).join(": ");
    throw new Failure(`the hub refused ${method} ${path} with ${status}${why ? ` (${why})` : ""}`);
  }

  /** Why the hub is not ready, in its own words; null when it is. */
  async notReady() {
    try {
      const { status, json } = await this.#call("GET", "/ready");
      return status === 200 ? null : json?.detail ?? `it answers /ready with ${status}`;
    } catch {
      return "it does not answer";
    }
  }

  /** Signs in; false when name or password is wrong. */
  async signIn(username, password) {
    const { status, cookies, json } = await this.#call("POST", "/api/v1/auth/login", { username, password });
    if (status === 401) return false;
    if (status !== 200) throw new Failure(`signing in was answered with ${status}${json?.code ? ` (${json.code})` : ""}`);
    this.#cookie = cookies.map((cookie) => cookie.split(";")[0]).join("; ");
    return true;
  }

  get(path) {
    return this.#expect("GET", `/api/v1${path}`);
  }

  post(path, body) {
    return this.#expect("POST", `/api/v1${path}`, body);
  }

  patch(path, body) {
    return this.#expect("PATCH", `/api/v1${path}`, body);
  }

  /** Every row of a list, page by page. */
  async list(path) {
    const rows = [];
    let next = null;
    do {
      const page = await this.get(next ? `${path}?cursor=${encodeURIComponent(next)}` : path);
      rows.push(...page.items);
      next = page.next;
    } while (next);
    return rows;
  }
}

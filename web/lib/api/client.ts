/**
 * The typed way to the hub's REST API: `call("GET /api/v1/targets", { query: { q } })`.
 * Types come from the generated schema; every failure is an `ApiError` with the problem document's `code`.
 */
import { asSentence } from "@/lib/sentence";
import { anywhere } from "@/texts/anywhere";
import type { Operations, Problem } from "./schema";

export type Operation = keyof Operations;
export type Answer<O extends Operation> = Operations[O]["answer"];
export type Body<O extends Operation> = Operations[O]["body"];

type Given<Name extends string, Value> = Value extends undefined
  ? { [K in Name]?: undefined }
  : Record<string, never> extends Value
    ? { [K in Name]?: Value }
    : { [K in Name]: Value };

export type Arguments<O extends Operation> = Given<"path", Operations[O]["path"]> &
  Given<"query", Operations[O]["query"]> &
  Given<"body", Operations[O]["body"]>;

/** The hub said no, or could not be asked. `status` is 0 where no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly field: string | null = null,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(detail);
    this.name = "ApiError";
  }
}

type Values = Record<string, string | number | boolean | null | undefined>;

/** The address of an operation: path parameters filled in, empty query parameters left out. */
export function address(operation: string, path: Values = {}, query: Values = {}): string {
  const template = operation.slice(operation.indexOf(" ") + 1);
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${filled}?${text}` : filled;
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "code" in value && "detail" in value;
}

async function problem(response: Response): Promise<ApiError> {
  const retry = Number(response.headers.get("retry-after"));
  const seconds = Number.isFinite(retry) && retry > 0 ? retry : null;
  const document: unknown = await response.json().catch(() => null);
  if (isProblem(document)) {
    // What the hub's log says of it stands there under this id.
    const id = response.status === 500 ? response.headers.get("x-request-id") : null;
    const detail = id ? anywhere.failedRequest(document.detail, id) : document.detail;
    return new ApiError(response.status, document.code, detail, document.field ?? null, seconds);
  }
  // A proxy in front of the hub answers without a problem document.
  const away = response.status === 502 || response.status === 503 || response.status === 504;
  const detail = away ? anywhere.hubAway : anywhere.hubAnswered(response.status);
  return new ApiError(response.status, away ? "hub_away" : "unknown", detail, null, seconds);
}

interface Sending {
  path?: Values;
  query?: Values;
  body?: unknown;
}

async function send(operation: string, args: Sending, signal?: AbortSignal): Promise<Response> {
  const method = operation.slice(0, operation.indexOf(" "));
  const init: RequestInit = { method, credentials: "same-origin", cache: "no-store" };
  if (args.body !== undefined) {
    init.body = JSON.stringify(args.body);
    init.headers = { "content-type": "application/json" };
  }
  if (signal) init.signal = signal;
  const response = await fetch(address(operation, args.path, args.query), init).catch(() => {
    signal?.throwIfAborted();
    throw new ApiError(0, "hub_away", anywhere.hubUnreachable);
  });
  if (!response.ok) throw await problem(response);
  return response;
}

/** Asks, and gives the JSON answer (`undefined` where the operation has none). */
export async function call<O extends Operation>(operation: O, args: Arguments<O>): Promise<Answer<O>> {
  const response = await send(operation, args as Sending);
  if (response.status === 204) return undefined as Answer<O>;
  const kind = response.headers.get("content-type") ?? "";
  return (await (kind.includes("json") ? response.json() : response.text())) as Answer<O>;
}

/** Asks, and gives an answer that is read piece by piece. */
export function open<O extends Operation>(operation: O, args: Arguments<O>, signal?: AbortSignal): Promise<Response> {
  return send(operation, args as Sending, signal);
}

/** An error in a sentence for people. */
export const sentence = (error: unknown): string => asSentence(error instanceof Error ? error.message : anywhere.unknownFailure);

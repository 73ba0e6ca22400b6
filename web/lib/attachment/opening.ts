/**
 * How long a person waits for a shell, from the wish to its first sight: the first span of its trace. The hub's spans and
 * the site's stand below it (W3C Trace Context).
 */
import type { Body } from "../api/client";
import type { AttachView } from "./machine";

export type Measured = Body<"POST /api/v1/traces">;

const hex = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export class Opening {
  readonly traceparent = `00-${hex(16)}-${hex(8)}-01`;
  readonly #begun: number;
  #over = false;

  constructor(now: number) {
    this.#begun = now;
  }

  /** What was measured, once: at the first sight of the shell, or when there will be none. */
  seen({ opened, phase, sessionId }: AttachView, now: number): Measured | null {
    if (this.#over || !(opened || phase === "over")) return null;
    this.#over = true;
    return { traceparent: this.traceparent, duration_ms: Math.round(now - this.#begun), opened, session_id: sessionId };
  }
}

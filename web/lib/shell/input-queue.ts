/**
 * What was typed and not yet acknowledged, with its place in the input stream. Bounded: what does not fit is refused
 * whole, because half a paste is worse than none. Pure.
 */
import { MAX_FRAME_BYTES, type Frame } from "./wire";

/** Unacknowledged input at most; past it typing is refused and the page says so. */
export const MAX_QUEUED_BYTES = 1024 * 1024;
/** Given to the socket and not yet acknowledged at most; the hub stops reading past as much. */
export const MAX_IN_FLIGHT_BYTES = 64 * 1024;

export class InputQueue {
  /** Offset of the first byte that is kept. `null` until an attachment said where the stream stands. */
  #start: number | null = null;
  #bytes = new Uint8Array(0);
  /** Bytes of the queue that this attachment was given. */
  #sent = 0;

  get length(): number {
    return this.#bytes.length;
  }

  /** The offset behind the last byte that was typed; `null` until an attachment said where the stream stands. */
  get end(): number | null {
    return this.#start === null ? null : this.#start + this.#bytes.length;
  }

  /** Whether it fitted. */
  push(bytes: Uint8Array): boolean {
    if (this.#bytes.length + bytes.length > MAX_QUEUED_BYTES) return false;
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    this.#bytes = joined;
    return true;
  }

  /** A new attachment: input before `offset` reached the target; the rest goes again. */
  attach(offset: number): void {
    if (this.#start !== null) {
      const reached = offset - this.#start;
      // Outside of what is kept: another attachment typed meanwhile, and what is kept here has no place any more.
      if (reached < 0 || reached > this.#bytes.length) this.clear();
      else this.#bytes = this.#bytes.subarray(reached);
    }
    this.#start = offset;
    this.#sent = 0;
  }

  /** Whether the acknowledgement fits what was sent. */
  acknowledge(offset: number): boolean {
    const reached = offset - (this.#start ?? offset + 1);
    if (reached < 0) return this.#start !== null; // An older word, overtaken by a later one.
    if (reached > this.#sent) return false;
    this.#bytes = this.#bytes.subarray(reached);
    this.#sent -= reached;
    this.#start = offset;
    return true;
  }

  /** Frames that may go now. */
  take(): Frame[] {
    const frames: Frame[] = [];
    while (this.#start !== null && this.#sent < this.#bytes.length && this.#sent < MAX_IN_FLIGHT_BYTES) {
      const end = Math.min(this.#bytes.length, this.#sent + MAX_FRAME_BYTES, MAX_IN_FLIGHT_BYTES);
      frames.push({ offset: this.#start + this.#sent, bytes: this.#bytes.subarray(this.#sent, end) });
      this.#sent = end;
    }
    return frames;
  }

  /** Forgets everything: another attachment owns the stream now. */
  clear(): void {
    this.#bytes = new Uint8Array(0);
    this.#start = null;
    this.#sent = 0;
  }
}

/** One WebSocket at a time, and the timers beside it. Needs `WebSocket` and timers; no DOM. */

export interface Heard {
  open: () => void;
  closed: () => void;
  message: (data: string | ArrayBuffer) => void;
}

export class Line<Timer extends string> {
  readonly #timers = new Map<Timer, ReturnType<typeof setTimeout>>();
  #socket: WebSocket | null = null;

  /** In the place of the one before. */
  open(address: string, subprotocol: string, { open, closed, message }: Heard): void {
    this.drop();
    const socket = new WebSocket(address, subprotocol);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = open;
    socket.onclose = closed;
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => message(data);
  }

  /** What cannot go is gone: whoever attaches anew begins from what the other side has. */
  send(data: string | Uint8Array): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(data as string | Uint8Array<ArrayBuffer>);
  }

  drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onclose = socket.onmessage = null;
    if (socket.readyState <= WebSocket.OPEN) socket.close(1000);
  }

  set(timer: Timer, ms: number, act: () => void): void {
    this.cancel(timer);
    this.#timers.set(timer, setTimeout(act, ms));
  }

  cancel(timer: Timer): void {
    clearTimeout(this.#timers.get(timer));
    this.#timers.delete(timer);
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.drop();
  }
}

/**
 * What Guacamole's client takes for its tunnel: one for each picture, over a connection that is ours. It says nothing that
 * would end anything: leaving and coming back are the connection's business.
 */
import type { Status, Tunnel } from "guacamole-common-js";
/** As Guacamole.Tunnel.State has them. */
const OPEN = 1;
const CLOSED = 2;

export class DesktopTunnel implements Tunnel {
  state = CLOSED;
  uuid: string | null = null;
  oninstruction: ((opcode: string, parameters: string[]) => void) | null = null;
  onerror: ((status: Status) => void) | null = null;
  onstatechange: ((state: number) => void) | null = null;
  onuuid: ((uuid: string) => void) | null = null;

  /** `write` gets whole instructions. */
  constructor(private readonly write: (instruction: string[]) => void) {}

  connect(): void {
    this.#become(OPEN);
  }

  disconnect(): void {
    this.#become(CLOSED);
  }

  isConnected(): boolean {
    return this.state === OPEN;
  }

  sendMessage(...elements: (string | number)[]): void {
    if (this.state !== OPEN || elements[0] === "disconnect") return;
    this.write(elements.map(String));
  }

  /** An instruction from the other side. */
  receive([opcode, ...parameters]: readonly string[]): void {
    if (this.state === OPEN && opcode !== undefined) this.oninstruction?.(opcode, parameters);
  }

  named(uuid: string): void {
    this.uuid = uuid;
    this.onuuid?.(uuid);
  }

  #become(state: number): void {
    if (state === this.state) return;
    this.state = state;
    this.onstatechange?.(state);
  }
}

/** Of guacamole-common-js 1.5.0, what these pages use. It comes without types. */
declare module "guacamole-common-js" {
  export interface Status {
    code: number;
    message?: string;
    isError(): boolean;
  }

  export interface InputStream {
    readonly index: number;
    /** Base64. */
    onblob: ((data: string) => void) | null;
    onend: (() => void) | null;
    sendAck(message: string, code: number): void;
  }

  export interface OutputStream {
    readonly index: number;
    onack: ((status: Status) => void) | null;
    sendBlob(base64: string): void;
    sendEnd(): void;
  }

  /** A tree of streams with names, such as a drive. */
  export interface RemoteObject {
    readonly index: number;
    onundefine: (() => void) | null;
    requestInputStream(name: string, callback: (stream: InputStream, mimetype: string) => void): void;
    createOutputStream(mimetype: string, name: string): OutputStream;
  }

  export interface Tunnel {
    state: number;
    uuid: string | null;
    oninstruction: ((opcode: string, parameters: string[]) => void) | null;
    onerror: ((status: Status) => void) | null;
    onstatechange: ((state: number) => void) | null;
    onuuid: ((uuid: string) => void) | null;
    connect(data?: string): void;
    disconnect(): void;
    isConnected(): boolean;
    sendMessage(...elements: (string | number)[]): void;
  }

  export interface Display {
    onresize: ((width: number, height: number) => void) | null;
    oncursor: ((canvas: HTMLCanvasElement, x: number, y: number) => void) | null;
    getElement(): HTMLElement;
    getWidth(): number;
    getHeight(): number;
    getScale(): number;
    scale(scale: number): void;
    flush(done: () => void): void;
    cancel(): void;
    showCursor(shown: boolean): void;
  }

  export interface MouseState {
    x: number;
    y: number;
  }

  /** How a client and its display stand: layers and buffers by their numbers, images as data URLs. */
  export interface ClientState {
    currentState: number;
    currentTimestamp: number;
    layers: Record<string, { width: number; height: number; url?: string }>;
  }

  export interface Client {
    onstatechange: ((state: number) => void) | null;
    onclipboard: ((stream: InputStream, mimetype: string) => void) | null;
    onfile: ((stream: InputStream, mimetype: string, name: string) => void) | null;
    onfilesystem: ((object: RemoteObject, name: string) => void) | null;
    onerror: ((status: Status) => void) | null;
    getDisplay(): Display;
    connect(data?: string): void;
    disconnect(): void;
    exportState(callback: (state: ClientState) => void): void;
    importState(state: ClientState, callback?: () => void): void;
    sendKeyEvent(pressed: 0 | 1, keysym: number): void;
    /** `scaled`: the place is one on the display as it is scaled. */
    sendMouseState(state: MouseState, scaled?: boolean): void;
    sendSize(width: number, height: number): void;
    createClipboardStream(mimetype: string): OutputStream;
    createFileStream(mimetype: string, name: string): OutputStream;
  }

  export interface Keyboard {
    readonly pressed: Record<string, boolean>;
    /** Whether the browser may do what it does at that key. */
    onkeydown: ((keysym: number) => boolean) | null;
    onkeyup: ((keysym: number) => void) | null;
    reset(): void;
  }

  export interface PointerEvent {
    readonly type: string;
    readonly state: MouseState;
    preventDefault(): void;
    stopPropagation(): void;
  }

  /** A mouse, or what stands in for one. */
  export interface Pointer {
    onEach(types: string[], listener: (event: PointerEvent) => void): void;
    on(type: string, listener: (event: PointerEvent) => void): void;
  }

  interface MouseMaker {
    new (element: HTMLElement): Pointer;
    readonly Touchscreen: new (element: HTMLElement) => Pointer;
    readonly Touchpad: new (element: HTMLElement) => Pointer;
  }

  export interface GuacamoleModule {
    readonly Client: { new (tunnel: Tunnel): Client; readonly State: { readonly CONNECTED: number } };
    readonly Keyboard: new (element: HTMLElement) => Keyboard;
    readonly Mouse: MouseMaker;
    readonly AudioContextFactory: { getAudioContext(): AudioContext | null };
  }

  const Guacamole: GuacamoleModule;
  export default Guacamole;
}

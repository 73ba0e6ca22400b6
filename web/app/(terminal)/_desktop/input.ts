/**
 * Gives the desktop what a person does: every key but the one combination that leads out, the mouse, and fingers. A field
 * that nobody sees takes the keys, so that input methods and the keyboards of phones work.
 */
import type { Client, GuacamoleModule, Keyboard, MouseState, PointerEvent } from "guacamole-common-js";
import { KeyRelay } from "@/lib/desktop/key-relay";
import { isPanel, isPaste, keysymsOf } from "@/lib/desktop/keysyms";
import type { Touch } from "@/lib/desktop/preferences";

/** The browser tells of a paste right after its key; a browser that does not is not waited for. */
const PASTE_MS = 60;

export interface InputSide {
  /** `null` while nothing can be sent. */
  client: () => Client | null;
  /** Something was done. */
  used: () => void;
  showCursor: (shown: boolean) => void;
  /** Ctrl, Alt and Shift. */
  onPanel: () => void;
  /** The keys come here now. */
  onFocus: () => void;
  /** What is about to be pasted there, as this computer's clipboard has it. */
  onPaste: (text: string) => void;
}

export class Input {
  readonly sink = document.createElement("textarea");
  touch: Touch = "screen";
  readonly #keyboard: Keyboard;
  readonly #relay: KeyRelay;
  /** The key of a paste, until its text is known. */
  #pasting: { keysym: number; timer: ReturnType<typeof setTimeout> } | null = null;
  #move: MouseState | null = null;

  constructor(
    private readonly guacamole: GuacamoleModule,
    box: HTMLElement,
    surface: HTMLElement,
    private readonly side: InputSide,
  ) {
    this.#relay = new KeyRelay((pressed, keysym) => this.#sendKey(pressed, keysym));
    this.#makeSink(box);
    this.#keyboard = new guacamole.Keyboard(this.sink);
    this.#keyboard.onkeydown = (keysym) => this.#pressed(keysym);
    this.#keyboard.onkeyup = (keysym) => this.#released(keysym);
    this.#point(surface);
    box.addEventListener("mousedown", (event) => {
      event.preventDefault();
      this.focus();
    });
  }

  focus(): void {
    this.sink.focus({ preventScroll: true });
  }

  /** Keys that were let go while nothing could be sent. */
  settle(): void {
    this.#relay.settle();
  }

  /** Nothing stays pressed. */
  release(): void {
    this.#keyboard.reset();
  }

  /** Keys as if they were pressed one after the other, and let go. */
  combine(keysyms: readonly number[]): void {
    for (const keysym of keysyms) this.#relay.press(keysym);
    for (const keysym of [...keysyms].reverse()) this.#relay.release(keysym);
  }

  #makeSink(box: HTMLElement): void {
    const { sink } = this;
    sink.className = "desktop-sink";
    sink.autocapitalize = "off";
    sink.autocomplete = "off";
    sink.spellcheck = false;
    sink.dataset.keys = "desktop";
    sink.addEventListener("focus", () => this.side.onFocus());
    sink.addEventListener("blur", () => this.release());
    sink.addEventListener("paste", (event) => this.#pasted(event));
    sink.addEventListener("compositionstart", () => (sink.dataset.composing = ""));
    for (const type of ["input", "compositionend"]) sink.addEventListener(type, (event) => this.#wrote(event));
    box.append(sink);
  }

  /**
   * An input method, a phone's keyboard or a list of emoji wrote something: it stands in the field. Browsers tell of it by
   * different events, and by one or two; Guacamole's keyboard, which hears them after this, would stay with the first kind.
   */
  #wrote(event: Event): void {
    event.stopImmediatePropagation();
    if (event instanceof InputEvent && event.isComposing) return;
    const { sink } = this;
    delete sink.dataset.composing;
    const text = sink.value;
    sink.value = "";
    if (text === "") return;
    this.#paste();
    this.#awake();
    for (const keysym of keysymsOf(text)) this.combine([keysym]);
  }

  // --- keys

  #sendKey(pressed: boolean, keysym: number): boolean {
    const client = this.side.client();
    client?.sendKeyEvent(pressed ? 1 : 0, keysym);
    return client !== null;
  }

  /** Whether the browser may do what it does at this key. */
  #pressed(keysym: number): boolean {
    this.#paste();
    this.#awake();
    const pressed = Object.keys(this.#keyboard.pressed).map(Number);
    if (isPaste(keysym, pressed)) {
      this.#pasting = { keysym, timer: setTimeout(() => this.#paste(), PASTE_MS) };
      return true;
    }
    this.#relay.press(keysym);
    if (isPanel(pressed)) {
      this.release();
      this.side.onPanel();
    }
    return false;
  }

  #released(keysym: number): void {
    this.#paste();
    this.#relay.release(keysym);
  }

  /** The paste's own key, once its text is on its way. */
  #paste(): void {
    if (this.#pasting === null) return;
    const { keysym, timer } = this.#pasting;
    clearTimeout(timer);
    this.#pasting = null;
    this.#relay.press(keysym);
  }

  #pasted(event: ClipboardEvent): void {
    event.preventDefault();
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (text !== "") this.side.onPaste(text);
    this.#paste();
  }

  /** A person is there: now sound may be heard, and idle is over. */
  #awake(): void {
    this.side.used();
    const audio = this.guacamole.AudioContextFactory.getAudioContext();
    if (audio?.state === "suspended") void audio.resume().catch(() => undefined);
  }

  // --- pointing

  #point(surface: HTMLElement): void {
    const { Mouse } = this.guacamole;
    const events = ["mousedown", "mousemove", "mouseup"];
    const mouse = new Mouse(surface);
    mouse.onEach(events, (event) => this.#pointed(event, false));
    mouse.on("mouseout", () => this.side.showCursor(false));
    // Both hear every finger; only one is listened to.
    new Mouse.Touchscreen(surface).onEach(events, (event) => this.touch === "screen" && this.#pointed(event, false));
    new Mouse.Touchpad(surface).onEach(events, (event) => this.touch === "pad" && this.#pointed(event, true));
  }

  /** `drawn`: no pointer of the browser is there, so the picture has one. */
  #pointed(event: PointerEvent, drawn: boolean): void {
    event.preventDefault();
    event.stopPropagation();
    this.side.showCursor(drawn);
    if (event.type === "mousemove") return this.#moved(event.state);
    this.#awake();
    this.#move = null;
    this.#sendMouse(event.state);
  }

  /** At most one move for each frame: a fast mouse tells of many more. */
  #moved(state: MouseState): void {
    const waits = this.#move !== null;
    this.#move = state;
    if (waits) return;
    requestAnimationFrame(() => {
      if (this.#move !== null) this.#sendMouse(this.#move);
      this.#move = null;
    });
  }

  #sendMouse(state: MouseState): void {
    this.side.used();
    this.side.client()?.sendMouseState(state, true);
  }
}

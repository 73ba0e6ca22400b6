/** Puts a desktop into an element and attaches it to its session: everything of the browser that this takes, without React. */
import type { GuacamoleModule } from "guacamole-common-js";
import type { Way } from "@/lib/attachment/way";
import { DesktopConnection, type DesktopSide } from "@/lib/desktop/connection";
import { NOTHING_PASSES, type DesktopView } from "@/lib/desktop/machine";
import type { Quality, Saving } from "@/lib/desktop/quality";
import type { TransferKind } from "@/lib/desktop/wire";
import { desktop } from "@/texts/desktop";
import { address, checkSignIn, signInAgain, watchReturn, watchSize } from "../_attachment/browser";
import { DesktopClipboard } from "./clipboard";
import { Files, type FilesState } from "./files";
import { Input } from "./input";
import { Screen } from "./screen";

export interface DesktopHooks {
  onView: (view: DesktopView) => void;
  onWay: (way: Way) => void;
  /** There is something to see. */
  onPictured: () => void;
  /** What is on the desktop's clipboard. */
  onText: (text: string) => void;
  onFiles: (files: FilesState) => void;
  onPanel: () => void;
  say: (text: string, bad: boolean) => void;
  shown: () => boolean;
}

export interface Attached {
  connection: DesktopConnection;
  input: Input;
  clipboard: DesktopClipboard;
  files: Files;
  /** Lets go; the session itself goes on. */
  detach: () => void;
}

/** Policy says the same for each of a hundred tries: a person hears it once in a while. Of copies on the desktop most are meant for it alone. */
const SAY_AGAIN_MS: Record<TransferKind, number> = { copy: 60_000, paste: 5000, upload: 5000, download: 5000 };

const load = async (): Promise<GuacamoleModule> => (await import("guacamole-common-js")).default;

export async function attach(box: HTMLElement, way: Way, quality: Quality, hooks: DesktopHooks): Promise<Attached> {
  const guacamole = await load();
  let { session } = way;
  let transfer = NOTHING_PASSES;
  let saving: Saving | null = null;
  let moving = false;
  const said = new Map<TransferKind, number>();

  const screen = new Screen(guacamole, box, box.closest<HTMLElement>("[data-room]") ?? box, () => connection.takesInput, hooks.onPictured);
  const client = () => (connection.takesInput ? screen.client : null);
  const files = new Files(guacamole, () => connection.takesInput, (state) => {
    const moves = state.transfers.some((one) => one.state === "running");
    if (moves !== moving) connection.moves(moves);
    moving = moves;
    hooks.onFiles(state);
  });
  const clipboard = new DesktopClipboard({ client, transfer: () => transfer, shown: hooks.shown, onText: hooks.onText, say: hooks.say });
  const input = new Input(guacamole, box, screen.surface, {
    client,
    used: () => connection.used(),
    showCursor: (shown) => screen.showCursor(shown),
    onPanel: hooks.onPanel,
    onFocus: () => void clipboard.focused(),
    onPaste: (text) => clipboard.pasted(text),
  });

  const side: DesktopSide = {
    get wanted() {
      return screen.wanted;
    },
    saves: (saves) => screen.saves(saves),
    picture: (tunnel) => {
      const made = screen.picture(tunnel);
      made.onclipboard = (stream, mimetype) => clipboard.copied(stream, mimetype);
    },
    files: (tunnel) => files.attached(tunnel),
    stands: (width, height) => screen.stands(width, height),
    takes: (takes) => {
      if (!takes) return input.release();
      input.settle();
      screen.settle();
    },
    blocked: (what) => {
      const now = performance.now();
      if (now - (said.get(what) ?? Number.NEGATIVE_INFINITY) < SAY_AGAIN_MS[what]) return;
      said.set(what, now);
      hooks.say(desktop.blocked[what], true);
    },
  };
  const connection = new DesktopConnection({
    address: address(way),
    credential: way.credential,
    side,
    onView: (view) => {
      ({ transfer } = view);
      if (view.saving !== null && view.saving.cause !== "chosen" && saving === null) hooks.say(desktop.savesNow, false);
      ({ saving } = view);
      if (view.opened && view.sessionId !== session) {
        session = view.sessionId;
        hooks.onWay({ ...way, session });
      }
      hooks.onView(view);
    },
    checkSignIn,
    onSignedOut: signInAgain,
  });

  connection.wants(quality);
  const endSize = watchSize(box, () => screen.resized());
  const endReturn = watchReturn(() => connection.retryNow());
  return {
    connection,
    input,
    clipboard,
    files,
    detach: () => {
      endReturn();
      endSize();
      input.release();
      connection.stop();
      screen.dispose();
      input.sink.remove();
    },
  };
}

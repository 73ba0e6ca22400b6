/** Puts a terminal into an element and attaches it to a shell: everything of the browser that this takes, without React. */
import { ShellConnection } from "@/lib/shell/connection";
import { Opening, type Measured } from "@/lib/attachment/opening";
import { keepPlace } from "@/lib/shell/place";
import type { ShellView } from "@/lib/shell/machine";
import { openTerminal } from "@/lib/terminal/open";
import type { TerminalPreferences } from "@/lib/terminal/preferences";
import { address, checkSignIn, signInAgain, watchReturn, watchSize } from "../_attachment/browser";
import { ShellDisplay } from "./display";
import type { Way } from "@/lib/attachment/way";

export interface Attached {
  display: ShellDisplay;
  connection: ShellConnection;
  /** Lets go; the session itself goes on. */
  detach: () => void;
}

export async function attach(
  box: HTMLElement,
  way: Way,
  preferences: TerminalPreferences,
  onView: (view: ShellView) => void,
  onWay: (way: Way) => void,
  onMeasured: (measured: Measured) => void,
): Promise<Attached> {
  const opening = new Opening(performance.now());
  const opened = await openTerminal(box, preferences);
  const { terminal } = opened;
  const display = new ShellDisplay(opened);
  let { session } = way;
  const connection = new ShellConnection({
    address: address(way),
    credential: way.credential,
    traceparent: opening.traceparent,
    display,
    onView: (view) => {
      const measured = opening.seen(view, performance.now());
      if (measured !== null) onMeasured(measured);
      if (view.opened && view.sessionId !== session) {
        session = view.sessionId;
        onWay({ ...way, session });
      }
      terminal.options.disableStdin = view.phase === "over" || view.mode === "watch";
      onView(view);
    },
    checkSignIn,
    onSignedOut: signInAgain,
  });
  display.prefer(preferences);
  display.attach(connection);
  const endSize = watchSize(box, () => display.fit());
  const keep = () => session !== null && keepPlace(session, connection.place);
  window.addEventListener("pagehide", keep);
  const endReturn = watchReturn(() => connection.retryNow());
  return {
    display,
    connection,
    detach: () => {
      window.removeEventListener("pagehide", keep);
      endReturn();
      endSize();
      connection.stop();
      display.dispose();
    },
  };
}

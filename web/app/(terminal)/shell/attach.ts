/** Puts a terminal into an element and attaches it to a shell: everything of the browser that this takes, without React. */
import { ApiError, call } from "@/lib/api/client";
import { routes } from "@/lib/routes";
import { ShellConnection } from "@/lib/shell/connection";
import { Opening, type Measured } from "@/lib/attachment/opening";
import { keepPlace } from "@/lib/shell/place";
import type { ShellView } from "@/lib/shell/machine";
import { openTerminal } from "@/lib/terminal/open";
import type { TerminalPreferences } from "@/lib/terminal/preferences";
import { ShellDisplay } from "./display";
import type { Way } from "@/lib/attachment/way";

export interface Attached {
  display: ShellDisplay;
  connection: ShellConnection;
  /** Lets go; the session itself goes on. */
  detach: () => void;
}

async function checkSignIn(): Promise<"signed_in" | "signed_out" | "unreachable"> {
  try {
    await call("GET /api/v1/auth/me", {});
    return "signed_in";
  } catch (error) {
    return error instanceof ApiError && error.status === 401 ? "signed_out" : "unreachable";
  }
}

const signInAgain = () => window.location.assign(routes.login(window.location.pathname + window.location.search));

function address(target: string): string {
  const scheme = window.location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${window.location.host}/api/ws/connect/ssh/${encodeURIComponent(target)}`;
}

/** Fits again whenever the box changes, at most once a frame. */
function watchSize(box: HTMLElement, fit: () => void): () => void {
  let frame = 0;
  const observer = new ResizeObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(fit);
  });
  observer.observe(box);
  return () => {
    cancelAnimationFrame(frame);
    observer.disconnect();
  };
}

/** The network is back, or the page is looked at again: no need to wait for the next try. */
function watchReturn(retry: () => void): () => void {
  const seen = () => document.visibilityState === "visible" && retry();
  window.addEventListener("online", retry);
  document.addEventListener("visibilitychange", seen);
  return () => {
    window.removeEventListener("online", retry);
    document.removeEventListener("visibilitychange", seen);
  };
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
    address: address(way.target),
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

/** What an attachment of any kind takes of the browser: addresses, the sign-in, and when something changed around it. */
import { ApiError, call } from "@/lib/api/client";
import type { SignedIn } from "@/lib/attachment/machine";
import type { Way } from "@/lib/attachment/way";
import { routes } from "@/lib/routes";

export async function checkSignIn(): Promise<SignedIn> {
  try {
    await call("GET /api/v1/auth/me", {});
    return "signed_in";
  } catch (error) {
    return error instanceof ApiError && error.status === 401 ? "signed_out" : "unreachable";
  }
}

export const signInAgain = () => window.location.assign(routes.login(window.location.pathname + window.location.search));

/** Of the WebSocket, without a query. */
export function address({ protocol, target }: Way): string {
  const scheme = window.location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${window.location.host}/api/ws/connect/${protocol}/${encodeURIComponent(target)}`;
}

/** Fits again whenever the box changes, at most once a frame. */
export function watchSize(box: HTMLElement, fit: () => void): () => void {
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
export function watchReturn(retry: () => void): () => void {
  const seen = () => document.visibilityState === "visible" && retry();
  window.addEventListener("online", retry);
  document.addEventListener("visibilitychange", seen);
  return () => {
    window.removeEventListener("online", retry);
    document.removeEventListener("visibilitychange", seen);
  };
}

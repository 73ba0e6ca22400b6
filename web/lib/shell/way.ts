/** What a shell page shows, as its address says it. The session gets there once it stands, so that a reload comes back to it. */
import { routes } from "@/lib/routes";

export interface Way {
  target: string;
  credential: string | null;
  session: string | null;
  /** Somebody else's session, to be watched. */
  watch: boolean;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What is no id is as good as not there. */
export function readWay(search: string): Way | null {
  const query = new URLSearchParams(search);
  const id = (name: string) => {
    const value = query.get(name);
    return value !== null && UUID.test(value) ? value : null;
  };
  const target = id("target");
  return target === null ? null : { target, credential: id("credential"), session: id("session"), watch: query.has("watch") };
}

export function showWay({ target, credential, session, watch }: Way): void {
  const address = routes.shell(target, { credential: credential ?? undefined, session: session ?? undefined, watch });
  window.history.replaceState(null, "", address);
}

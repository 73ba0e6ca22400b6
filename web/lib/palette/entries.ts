/** What one can go to from the command palette: targets, one's own running sessions, and pages. Pure. */
import type { GrantedTarget, Me, Session } from "@/lib/api/schema";
import { protocolOf } from "@/lib/attachment/way";
import { relative } from "@/lib/format";
import type { Page } from "@/lib/pages";
import { routes } from "@/lib/routes";
import { addressOfTarget, isOpenable } from "@/lib/targets";
import { obstacles } from "@/texts/obstacles";
import { palette } from "@/texts/palette";

export type EntryKind = "session" | "target" | "page";

export interface Entry {
  kind: EntryKind;
  /** Unique among entries. */
  id: string;
  name: string;
  /** More that it is found by, and that tells it from others of its name. */
  about: string;
  href: string;
  /** Of its own, where its kind's says too little. */
  icon?: Page["icon"];
  /** What keeps it from working right now. */
  trouble?: string;
}

const joined = (...parts: (string | null | undefined)[]): string => parts.filter(Boolean).join(" · ");

export const targetEntries = (targets: GrantedTarget[]): Entry[] =>
  targets.filter(isOpenable).map((target) => ({
    kind: "target",
    id: `target ${target.id}`,
    name: target.name,
    about: joined(target.zone, target.description),
    href: addressOfTarget(target),
    ...(target.open ? (target.reachable ? {} : { trouble: obstacles.unreachable }) : { trouble: obstacles.closed }),
  }));

/** Somebody else's are for the list of sessions, where it says whose they are. */
export const sessionEntries = (sessions: Session[], me: Me, now: number): Entry[] =>
  sessions
    .filter((session) => session.user_id === me.id)
    .map((session) => ({
      kind: "session",
      id: `session ${session.id}`,
      name: session.target,
      about: joined(session.username, session.zone, palette.started(relative(session.start_time, now))),
      href: routes.shell(session.target_id, { protocol: protocolOf(session), session: session.id }),
    }));

export const pageEntries = (pages: Page[]): Entry[] =>
  pages.map(({ label, href, icon, part }) => ({ kind: "page", id: `page ${href}`, name: label, about: part ?? "", href, icon }));

/**
 * What a page of sessions shows, as its address says it: one session by the names of its parts, and those beside it, each in one
 * piece. Sessions get there once they stand, so that a reload comes back to them. Pure.
 */
import { routes } from "@/lib/routes";

export const PROTOCOLS = ["ssh", "rdp", "vnc"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** What is not said, or not known here, is a shell. */
const protocolNamed = (name: unknown): Protocol => PROTOCOLS.find((known) => known === name) ?? "ssh";
export const protocolOf = (row: object): Protocol => protocolNamed("protocol" in row ? row.protocol : null);

export const isDesktop = ({ protocol }: { protocol: string }): boolean => protocol !== "ssh";

export interface Way {
  protocol: Protocol;
  target: string;
  credential: string | null;
  session: string | null;
  /** Somebody else's session, to be watched. */
  watch: boolean;
}

export interface Ways {
  list: Way[];
  /** The place of the one that is shown. */
  shown: number;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const WATCH = "watch";

/** What is no id is as good as not there. */
const id = (value: string | null | undefined): string | null => (value && UUID.test(value) ? value : null);

/** One that is not shown: `target.credential.session.watch.protocol`, of which all but the target may be empty. */
const piece = ({ target, credential, session, watch, protocol }: Way): string =>
  [target, credential ?? "", session ?? "", watch ? WATCH : "", protocol === "ssh" ? "" : protocol].join(".").replace(/\.+$/, "");

function readPiece(text: string): Way | null {
  const [target, credential, session, watch, protocol] = text.split(".");
  const named = id(target);
  return named === null ? null : { target: named, credential: id(credential), session: id(session), watch: watch === WATCH, protocol: protocolNamed(protocol) };
}

/** The one that is shown; `null` where the address names none. */
export function readWay(search: string): Way | null {
  const query = new URLSearchParams(search);
  const target = id(query.get("target"));
  return target === null ? null : { target, credential: id(query.get("credential")), session: id(query.get("session")), watch: query.has("watch"), protocol: protocolNamed(query.get("protocol")) };
}

/** All of them, in their order. A session that is named twice is shown once. */
export function readWays(search: string): Ways | null {
  const shown = readWay(search);
  if (shown === null) return null;
  const query = new URLSearchParams(search);
  const sessions = new Set(shown.session === null ? [] : [shown.session]);
  const others = (name: string) =>
    query.getAll(name).map(readPiece).filter((way): way is Way => {
      if (way === null || (way.session !== null && sessions.has(way.session))) return false;
      if (way.session !== null) sessions.add(way.session);
      return true;
    });
  const before = others("before");
  return { list: [...before, shown, ...others("after")], shown: before.length };
}

export function addressOf({ list, shown }: Ways): string {
  const way = list[shown];
  if (way === undefined) return routes.targets();
  const { target, credential, session, watch, protocol } = way;
  const address = routes.shell(target, { protocol, credential: credential ?? undefined, session: session ?? undefined, watch });
  const beside = list.flatMap((other, at) => (at === shown ? [] : `&${at < shown ? "before" : "after"}=${piece(other)}`));
  return address + beside.join("");
}

/** Every address of a page, in one place. Pages of one thing take its id in the query: a static export has no other way. */

function withQuery(path: string, query: Record<string, string | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

export const routes = {
  login: (next?: string) => withQuery("/login/", { next }),
  targets: () => "/targets/",
  /** A shell or, with another protocol than `ssh`, a desktop. */
  shell: (target: string, { watch, protocol, ...options }: { protocol?: string; credential?: string; session?: string; watch?: boolean } = {}) =>
    withQuery("/shell/", { target, protocol: protocol === "ssh" ? null : protocol, ...options, watch: watch ? "1" : null }),
  sessions: () => "/sessions/",
  recordings: () => "/recordings/",
  recording: (session: string) => withQuery("/recordings/play/", { session }),
  schedules: () => "/schedules/",
  audit: (filter: { user_id?: string; target_id?: string } = {}) => withQuery("/audit/", filter),
  events: (filter: { about?: string; session_id?: string } = {}) => withQuery("/audit/events/", filter),
  person: (id: string) => withQuery("/audit/person/", { id }),
  targetStory: (id: string) => withQuery("/audit/target/", { id }),
  access: (about: { user_id?: string; target_id?: string } = {}) => withQuery("/audit/access/", about),
  outages: (filter: { zone_id?: string } = {}) => withQuery("/audit/outages/", filter),
  outage: (id: string) => withQuery("/audit/outages/outage/", { id }),
  bus: () => "/bus/",
  commands: (filter: { satellite?: string; command?: string } = {}) => withQuery("/commands/", filter),
  account: () => "/account/",
  zones: () => "/admin/zones/",
  zone: (id: string) => withQuery("/admin/zones/zone/", { id }),
  satellites: () => "/admin/satellites/",
  satellite: (id: string) => withQuery("/admin/satellites/satellite/", { id }),
  adminTargets: () => "/admin/targets/",
  credentials: () => "/admin/credentials/",
  users: () => "/admin/users/",
  groups: () => "/admin/groups/",
  grants: () => "/admin/grants/",
};

const HERE = "http://here.invalid";

/** Where to go after signing in: only to a page of our own, as the browser will read the address. */
export function safeNext(next: string | null): string {
  if (next === null || !next.startsWith("/") || !URL.canParse(next, HERE)) return routes.targets();
  const { origin, pathname, search, hash } = new URL(next, HERE);
  const own = origin === HERE && !pathname.startsWith("//") && !pathname.startsWith("/login");
  return own ? pathname + search + hash : routes.targets();
}

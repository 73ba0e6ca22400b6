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
  shell: (target: string, options: { credential?: string; session?: string } = {}) => withQuery("/shell/", { target, ...options }),
  sessions: () => "/sessions/",
  recordings: () => "/recordings/",
  recording: (session: string) => withQuery("/recordings/play/", { session }),
  audit: () => "/audit/",
  zones: () => "/admin/zones/",
  zone: (id: string) => withQuery("/admin/zones/zone/", { id }),
  satellites: () => "/admin/satellites/",
  adminTargets: () => "/admin/targets/",
  credentials: () => "/admin/credentials/",
  users: () => "/admin/users/",
  groups: () => "/admin/groups/",
  grants: () => "/admin/grants/",
};

/** Where to go after signing in: only to a page of our own. */
export function safeNext(next: string | null): string {
  const own = next !== null && /^\/(?![/\\])/.test(next) && !next.startsWith("/login");
  return own ? next : routes.targets();
}

/**
 * What somebody who hears a page finds in rendered markup, for tests: elements by role and name. It knows the elements
 * that our components use, and expects markup as React writes it.
 */

const ROLES: Record<string, RegExp> = {
  button: /^button$/,
  heading: /^h[1-6]$/,
  link: /^a$/,
  list: /^[uo]l$/,
  listitem: /^li$/,
  term: /^dt$/,
  definition: /^dd$/,
  row: /^tr$/,
  cell: /^td$/,
  table: /^table$/,
};
const VOID = /^(?:br|hr|img|input)$/;

export interface Found {
  /** Its label, else its text. */
  name: string;
  text: string;
  attributes: Record<string, string>;
}

const unescaped = (text: string): string =>
  text.replaceAll("&quot;", '"').replaceAll("&#x27;", "'").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const textOf = (html: string): string => unescaped(html.replace(/<!-- -->/g, "").replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ").trim();

/** Up to the end of the element that begins before `from`. */
function inside(html: string, from: number): string {
  const tags = /<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/g;
  tags.lastIndex = from;
  let depth = 1;
  for (let tag = tags.exec(html); tag; tag = tags.exec(html)) {
    if (tag[1]) depth -= 1;
    else if (!tag[3] && !VOID.test(tag[2] ?? "")) depth += 1;
    if (depth === 0) return html.slice(from, tag.index);
  }
  return html.slice(from);
}

export function byRole(html: string, role: string, name?: string): Found[] {
  const found: Found[] = [];
  for (const match of html.matchAll(/<([a-z][a-z0-9]*)([^>]*)>/g)) {
    const attributes = Object.fromEntries([...(match[2] ?? "").matchAll(/([a-z-]+)="([^"]*)"/g)].map(([, key, value]) => [key ?? "", unescaped(value ?? "")]));
    if (attributes.role !== role && !(attributes.role === undefined && ROLES[role]?.test(match[1] ?? ""))) continue;
    const text = textOf(inside(html, match.index + match[0].length));
    const called = attributes["aria-label"] ?? text;
    if (name === undefined || called === name) found.push({ name: called, text, attributes });
  }
  return found;
}

/** Events of the audit in words. What is newer than this page stands there by its kind. */
import type { AuditEvent } from "@/lib/api/schema";
import { reasonWords } from "@/lib/attachment/reasons";
import { events } from "@/texts/events";

type Detail = Record<string, unknown>;

const text = (value: unknown): string => (value === null || value === undefined || value === "" ? events.nothing : typeof value === "object" ? JSON.stringify(value) : String(value));

/** "port 22 → 2222, description old → nothing". */
function changes(detail: Detail): string {
  const all = typeof detail.changes === "object" && detail.changes !== null ? Object.entries(detail.changes as Record<string, { from: unknown; to: unknown }>) : [];
  return all.map(([field, { from, to }]) => (field === "vault_secret_path" ? events.newSecret : events.change(field.replaceAll("_", " "), text(from), text(to)))).join(", ");
}

const named = (detail: Detail): string => (typeof detail.name === "string" ? detail.name : typeof detail.username === "string" ? detail.username : "");

/** What happened, in a line. */
export function eventWords({ kind, detail }: Pick<AuditEvent, "kind" | "detail">): string {
  const about = (detail ?? {}) as Detail;
  const name = named(about);
  const reason = typeof about.code === "string" ? reasonWords(about.code).replace(/^./, (first) => first.toLowerCase()) : text(about.message);
  const said = events.said[kind];
  if (said) return said({ name, changes: changes(about), value: (field) => text(about[field]), reason, ok: about.ok === true });
  const [what = "", did] = kind.split(".");
  const kept = events.kept[what];
  if (kept && did === "created") return kept.created(name);
  if (kept && did === "changed") return kept.changed(name, changes(about));
  if (kept && did === "deleted") return kept.deleted(name);
  const words = kind.replaceAll(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

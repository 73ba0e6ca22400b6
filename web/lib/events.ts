/** Events of the audit in words. What is newer than this page stands there by its kind. */
import type { AuditEvent } from "@/lib/api/schema";
import { reasonWords } from "@/lib/shell/words";

/** Kinds that belong together: what a filter offers. */
export const FAMILIES: Record<string, string> = {
  "sign_in.": "Sign-ins",
  "session.": "Sessions",
  "recording.": "Recordings",
  "audit.": "Audit",
  "installation.": "Restores",
  "user.": "Users",
  "group.": "Groups",
  "grant.": "Grants",
  "target.": "Targets",
  "credential.": "Credentials",
  "zone.": "Zones",
  "satellite.": "Satellites",
  "token.": "Join tokens",
};

type Detail = Record<string, unknown>;

const text = (value: unknown): string => (value === null || value === undefined || value === "" ? "nothing" : typeof value === "object" ? JSON.stringify(value) : String(value));

/** "port 22 → 2222, description old → nothing". */
function changes(detail: Detail): string {
  const all = typeof detail.changes === "object" && detail.changes !== null ? Object.entries(detail.changes as Record<string, { from: unknown; to: unknown }>) : [];
  return all.map(([field, { from, to }]) => (field === "vault_secret_path" ? "a new secret" : `${field.replaceAll("_", " ")} ${text(from)} → ${text(to)}`)).join(", ");
}

const named = (detail: Detail): string => (typeof detail.name === "string" ? detail.name : typeof detail.username === "string" ? detail.username : "");

const KEPT = ["user", "group", "target", "credential", "zone"];

const SAID: Record<string, (detail: Detail) => string> = {
  "sign_in.accepted": () => "Signed in",
  "sign_in.refused": (detail) => `Sign-in refused for ${text(detail.username)}`,
  "sign_in.ended": () => "Signed out",
  "sign_in.all_ended": () => "Signed out everywhere",
  "session.opened": () => "Opened a session",
  "session.attached": () => "Came to the session",
  "session.detached": () => "Left the session",
  "session.watched": () => "The session was watched",
  "session.unwatched": () => "The session was watched no more",
  "session.ended": (detail) => `The session ended: ${typeof detail.code === "string" ? reasonWords(detail.code).replace(/^./, (first) => first.toLowerCase()) : text(detail.message)}`,
  "session.consented": () => "Agreed to the text of the grant",
  "session.end_asked": () => "Ended a session",
  "session.all_end_asked": (detail) => `Ended all sessions of ${named(detail)}`,
  "recording.searched": (detail) => `Searched recordings for ${text(detail.text)}`,
  "recording.read": () => "Read a recording",
  "recording.deleted": (detail) => `Deleted a recording: zone ${text(detail.zone)} keeps them for ${text(detail.retention_days)} days`,
  "audit.exported": (detail) => `Exported the audit’s ${text(detail.what)}`,
  "audit.set_back": () => "Somebody set the audit back: a countersigned part of it is missing",
  "audit.lost_by_restore": () => "Noted what a restore from a backup lost",
  "installation.restored": (detail) => `Restored from a backup of ${text(detail.backup_at)}`,
  "user.password_reset": (detail) => `Gave user ${named(detail)} another password`,
  "user.password_changed": () => "Changed the own password",
  "group.member_added": () => "Put a user into a group",
  "group.member_removed": () => "Took a user out of a group",
  "grant.created": () => "Gave a grant",
  "grant.changed": () => "Changed the terms of a grant",
  "grant.deleted": () => "Withdrew a grant",
  "target.tested": (detail) => `Tested target ${named(detail)}: ${detail.ok === true ? "it let the account in" : reasonWords(text(detail.code)).toLowerCase()}`,
  "target.host_key_offered": (detail) => `Target ${named(detail)} showed another host key`,
  "target.host_key_accepted": (detail) => `Accepted the new host key of target ${named(detail)}`,
  "target.host_key_refused": (detail) => `Refused the new host key of target ${named(detail)}`,
  "token.created": () => "Created a join token",
  "token.revoked": () => "Revoked a join token",
  "satellite.revoked": () => "Revoked a satellite",
  "satellite.released": () => "Released a satellite from quarantine",
  "satellite.readmitted": () => "Let a satellite back in",
  "satellite.quarantined": () => "A satellite was quarantined",
  "satellite.asks_readmission": () => "A satellite asks to be let back in",
};

/** What happened, in a line. */
export function eventWords({ kind, detail }: Pick<AuditEvent, "kind" | "detail">): string {
  const about = (detail ?? {}) as Detail;
  const said = SAID[kind];
  if (said) return said(about);
  const [what, did] = kind.split(".");
  if (what && KEPT.includes(what)) {
    if (did === "created") return `Created ${what} ${named(about)}`;
    if (did === "deleted") return `Deleted ${what} ${named(about)}`;
    if (did === "changed") return `Changed ${what} ${named(about)}: ${changes(about)}`;
  }
  const words = kind.replaceAll(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

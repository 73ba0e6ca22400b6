/** The events of the audit in words. */

/** What an event tells, each piece as it is read; `name` is that of the thing or person that it is about. */
export interface Told {
  name: string;
  value: (field: string) => string;
  /** "port 22 → 2222"; empty where it tells of no change. */
  changes: string;
  /** Why a session ended, or a test failed. */
  reason: string;
  ok: boolean;
}

const kept = (what: string) => ({
  created: (name: string) => `Created ${what} ${name}`,
  changed: (name: string, changes: string) => `Changed ${what} ${name}: ${changes}`,
  deleted: (name: string) => `Deleted ${what} ${name}`,
});

export const events = {
  /** Kinds that belong together: what a filter offers. */
  families: {
    "sign_in.": "Sign-ins",
    "session.": "Sessions",
    "recording.": "Recordings",
    "audit.": "Audit",
    "installation.": "Restores",
    "user.": "Users",
    "group.": "Groups",
    "grant.": "Grants",
    "schedule.": "Schedules",
    "target.": "Targets",
    "credential.": "Credentials",
    "zone.": "Zones",
    "satellite.": "Satellites",
    "token.": "Join tokens",
    "command.": "Commands to sites",
  } as Record<string, string>,

  nothing: "nothing",
  newSecret: "a new secret",
  /** "port 22 → 2222". */
  change: (field: string, from: string, to: string) => `${field} ${from} → ${to}`,

  /** What people keep. */
  kept: { user: kept("user"), group: kept("group"), target: kept("target"), credential: kept("credential"), zone: kept("zone") } as Record<string, ReturnType<typeof kept>>,

  said: {
    "sign_in.accepted": () => "Signed in",
    "sign_in.refused": (told) => `Sign-in refused for ${told.value("username")}`,
    "sign_in.ended": () => "Signed out",
    "sign_in.all_ended": () => "Signed out everywhere",
    "session.opened": () => "Opened a session",
    "session.attached": () => "Came to the session",
    "session.detached": () => "Left the session",
    "session.watched": () => "The session was watched",
    "session.unwatched": () => "The session was watched no more",
    "session.ended": (told) => `The session ended: ${told.reason}`,
    "session.uploaded": (told) => `Sent file ${told.name} to the desktop${told.value("whole") === "false" ? ": not all of it" : ""}`,
    "session.downloaded": (told) => `Fetched file ${told.name} from the desktop${told.value("whole") === "false" ? ": not all of it" : ""}`,
    "session.consented": () => "Agreed to the text of the grant",
    "session.end_asked": () => "Ended a session",
    "session.all_end_asked": (told) => `Ended all sessions of ${told.name}`,
    "recording.searched": (told) => `Searched recordings for ${told.value("text")}`,
    "recording.read": () => "Read a recording",
    "recording.deleted": (told) => `Deleted a recording: zone ${told.value("zone")} keeps them for ${told.value("retention_days")} days`,
    "audit.exported": (told) => `Exported the audit’s ${told.value("what")}`,
    "audit.set_back": () => "Somebody set the audit back: a countersigned part of it is missing",
    "audit.lost_by_restore": () => "Noted what a restore from a backup lost",
    "installation.restored": (told) => `Restored from a backup of ${told.value("backup_at")}`,
    "user.password_reset": (told) => `Gave user ${told.name} another password`,
    "user.password_changed": () => "Changed the own password",
    "group.member_added": () => "Put a user into a group",
    "group.member_removed": () => "Took a user out of a group",
    "grant.created": () => "Gave a grant",
    "grant.changed": () => "Changed the terms of a grant",
    "grant.deleted": () => "Withdrew a grant",
    "schedule.created": (told) => `Made a schedule of ${told.value("user")} on ${told.value("target")}`,
    "schedule.changed": (told) => `Changed the schedule of ${told.value("user")} on ${told.value("target")}${told.changes && `: ${told.changes}`}`,
    "schedule.cancelled": (told) => `Cancelled the schedule of ${told.value("user")} on ${told.value("target")}`,
    "target.tested": (told) => `Tested target ${told.name}: ${told.ok ? "it let the account in" : told.reason.toLowerCase()}`,
    "target.host_key_offered": (told) => `Target ${told.name} showed another host key`,
    "target.host_key_accepted": (told) => `Accepted the new host key of target ${told.name}`,
    "target.host_key_refused": (told) => `Refused the new host key of target ${told.name}`,
    "token.created": () => "Created a join token",
    "token.revoked": () => "Revoked a join token",
    "satellite.revoked": () => "Revoked a satellite",
    "satellite.released": () => "Released a satellite from quarantine",
    "satellite.readmitted": () => "Let a satellite back in",
    "satellite.quarantined": () => "A satellite was quarantined",
    "command.ordered": (told) => `Ordered of a site: ${told.value("kind").replaceAll("_", " ")}`,
    "command.withdrawn": () => "Withdrew a command to a site",
    "command.output_read": () => "Read the log that a site sent",
    "command.over": (told) => `A command to a site is over: ${told.value("state")}`,
    "satellite.asks_readmission": () => "A satellite asks to be let back in",
  } as Record<string, (told: Told) => string>,
};

// Generated from openapi.json by `npm run generate`. Do not edit.

/** Who can get in at a site without its hub, by user name, then by the target's. */
export type AccessAlone = {
  /** From when on the site is taken to be without its hub: since when it is, or now. */
  away_since: Time;
  /** Whether the site holds that one. Otherwise it is the newest, and what the site would do is not known. */
  held: boolean;
  /** Whoever can. */
  items: AloneAccess[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
  /** The version of the policy that this was decided by; `null`: none was issued yet. */
  policy_version?: number | null;
};

/** A decision. */
export type AccessDecision = {
  allowed: boolean;
  ends_at?: Time | null;
  /** Whose terms count. */
  grant_id?: string | null;
  opens_at?: Time | null;
  reason?: AccessReason | null;
};

/** Why a person may not open a target. */
export type AccessReason = "user_disabled" | "not_granted" | "target_disabled" | "zone_disabled" | "outside_window" | "hub_away";

/** One target that one person can open at a site without its hub. */
export type AloneAccess = {
  /** Whose terms count. */
  grant_id: string;
  target: string;
  target_id: string;
  until?: Time | null;
  user: string;
  user_id: string;
};

/** One event of the append-only chains. */
export type AuditEvent = {
  client_ip?: string | null;
  /** What else it tells, by its kind; `null`: told by a newer satellite than this hub knows. Never a secret. */
  detail?: Record<string, unknown> | null;
  /** Its place in the list of all nodes. */
  id: number;
  /** Such as `user.created`. */
  kind: string;
  /** The hub instance or satellite that tells it. */
  node_id: string;
  /** When, by its node's clock. */
  occurred_at: Time;
  /** When the hub wrote it down: later, where the site was away. */
  received_at: Time;
  /** That satellite's name; `null`: the hub itself. */
  satellite?: string | null;
  /** Its place in its node's chain, which has no hole. */
  seq: number;
  session_id?: string | null;
  /** Their user name. */
  user?: string | null;
  /** Who did it, or whose session it is about; `null`: nobody signed in. */
  user_id?: string | null;
  /** That satellite's zone. */
  zone?: string | null;
};

/** A row of the book. */
export type AuditLog = {
  /** Bytes printed. */
  bytes_received: number;
  /** Bytes typed. */
  bytes_sent: number;
  client_ip?: string | null;
  created_at: Time;
  credential_id?: string | null;
  /** Why it ended: a code of the shell's `closed` message. */
  end_code?: string | null;
  end_time?: Time | null;
  error_message?: string | null;
  id: string;
  recording_path?: string | null;
  /** The same as `id`. */
  session_id: string;
  session_status: SessionStatus;
  start_time: Time;
  /** The target's name. */
  target: string;
  target_id: string;
  /** Their user name. */
  user: string;
  user_id: string;
  /** The zone's name. */
  zone: string;
  zone_id: string;
};

/** A server of the bus. */
export type BusServer = {
  /** Programs that are connected to it. */
  connections: number;
  /** Sites that are connected to it by a server of their own. */
  leaf_nodes: number;
  /** Resident memory. */
  memory_bytes: number;
  /** Its name. */
  name: string;
  /** Its version. */
  version: string;
};

/** The bus: NATS, over which the hub and its sites tell each other what happens, and others listen. */
export type BusStatus = {
  /** Zones that have an account there: those whose satellite may connect. */
  accounts?: number | null;
  /** Whether this hub is connected to it. Sessions do without it. */
  connected: boolean;
  /** Whether the hub runs the server itself. */
  managed?: boolean | null;
  oldest_waiting?: Time | null;
  /** Why it is not, or why its servers do not say how they are. */
  reason?: string | null;
  /** By name. */
  servers: BusServer[];
  since?: Time | null;
  stream?: BusStream | null;
  /** Where this hub is connected. */
  url?: string | null;
  /** Events that the stream has not taken yet. */
  waiting: number;
};

/** The stream of what everybody may hear. */
export type BusStream = {
  /** What they take. */
  bytes: number;
  /** Who reads from it by a consumer. */
  consumers: number;
  /** Events in it. */
  messages: number;
  /** Its name, for consumers. */
  name: string;
  /** Servers that have all of it. */
  replicas: number;
};

/** One thing that a diagnosis looked at. */
export type CommandFinding = {
  /** What to do about it; empty: nothing. */
  advice: string;
  check: string;
  /** What was found. */
  found: string;
  level: FindingLevel;
};

/** What a site is ordered to do (`site_commands.kind`). */
export type CommandKind = "end" | "watch" | "diagnose" | "collect_logs";

/** Where a command to a site stands (`site_commands.state`). */
export type CommandState = "waiting" | "sent" | "running" | "done" | "failed" | "expired" | "withdrawn";

/** A credential, without its secret. */
export type Credential = {
  created_at: Time;
  description?: string | null;
  enabled: boolean;
  id: string;
  kind: CredentialKind;
  retired_at?: Time | null;
  /** The target's name. */
  target: string;
  target_id: string;
  updated_at: Time;
  /** The account on the target. */
  username: string;
  vault_secret_path: string;
  /** How often it was changed, from 1 on: a change names the version that it was made from. */
  version: number;
};

/** A change of a credential: what is left out stays. A new secret, of either kind, replaces the old one. */
export type CredentialChange = {
  description?: string | null;
  enabled?: boolean | null;
  /** Opens the private key, if it is encrypted; not kept. */
  passphrase?: string | null;
  password?: string | null;
  /** Ed25519, ECDSA or RSA, in OpenSSH, PEM or PuTTY form. */
  private_key?: string | null;
  username?: string | null;
  /** Refused if the credential is not at this version any more. */
  version?: number | null;
};

/** An account on a target. */
export type CredentialChoice = {
  id: string;
  username: string;
};

/** What kind of secret a credential has. */
export type CredentialKind = "password" | "private_key";

/** A Remote Desktop Gateway. One signs in there with the password of the target's credential. */
export type DesktopGateway = {
  /** The Windows domain of the account there. */
  domain?: string | null;
  /** DNS name or address, as the site knows it. */
  hostname: string;
  /** TCP port; absent: 443. */
  port?: number;
  /** The account there; absent: that of the credential. */
  username?: string | null;
};

/** How a connection of RDP is secured (`security`). */
export type DesktopSecurity = "any" | "nla" | "tls" | "rdp";

/** How a desktop is opened. What is left out is as is usual; of VNC nothing but the depth of colours can be said. */
export type DesktopSettings = {
  /** Bits of a colour: 8, 16 or 24; absent: as guacd and the target agree. */
  color_depth?: number | null;
  /** The session at the machine's own screen, instead of one beside it. */
  console?: boolean;
  /** Transparent windows and shadows. */
  desktop_composition?: boolean;
  /** The Windows domain of the account. */
  domain?: string | null;
  /** Smooth text. It alone is on where nothing is said. */
  font_smoothing?: boolean;
  /** A window shows what is in it while it is moved. */
  full_window_drag?: boolean;
  gateway?: DesktopGateway | null;
  /** Runs instead of the desktop, and ends it when it ends. */
  initial_program?: string | null;
  keyboard_layout?: KeyboardLayout | null;
  /** Menus open and close in motion. */
  menu_animations?: boolean;
  /** The desktop has a printer: what is printed there comes to the user as a PDF, where a grant lets files from it. */
  printer?: boolean;
  remote_app?: RemoteApp | null;
  /** How the connection is secured, and whether one signs in before the desktop is there; `any`: as the target wants it. */
  security?: DesktopSecurity;
  /** Styled windows and controls. */
  theming?: boolean;
  wake_on_lan?: WakeOnLan | null;
  /** The picture behind everything. */
  wallpaper?: boolean;
};

/** What became of a session there that would not have by the policy of the moment of the site's return. */
export type Difference = {
  /** `went_on`: when that policy would have ended it. `ended`: when the site did. */
  at: Time;
  /** `went_on`: how that policy would have ended it. `ended`: how the site did. A code of an end. */
  code: string;
  kind: DifferenceKind;
  session_id: string;
  target: string;
  target_id: string;
  until?: Time | null;
  user: string;
  user_id: string;
};

/** Which way a decision differs. */
export type DifferenceKind = "went_on" | "ended";

/** What became of them. */
export type EndedSessions = {
  /** Over. */
  ended: number;
  /** At sites that are offline or do not answer: these go on there. */
  unreachable: number;
};

/** Whether a person may open a target at a time, and why. */
export type ExplainedAccess = {
  /** The time that was asked about. */
  at: Time;
  /** By the books of the hub. */
  hub: HubAccess;
  site?: SiteAccess | null;
  target: string;
  target_id: string;
  user: string;
  user_id: string;
  /** The zone's name. */
  zone: string;
  zone_id: string;
};

/** How it went. */
export type FindingLevel = "ok" | "warning" | "failed";

/** A grant: a user or a group, on a target, a zone or every target with a label. */
export type Grant = {
  /** Text that is copied on a desktop goes into the browser's clipboard. */
  clipboard_copy: boolean;
  /** Text of the browser's clipboard can be pasted on a desktop. */
  clipboard_paste: boolean;
  /** What its user must agree to before it opens. */
  consent?: string | null;
  created_at: Time;
  created_by?: string | null;
  /** Files come from a desktop. */
  file_download: boolean;
  /** Files go to a desktop. */
  file_upload: boolean;
  group?: string | null;
  group_id?: string | null;
  id: string;
  /** It ends when nothing was typed for so many seconds. */
  idle_seconds?: number | null;
  /** `key=value`: every target that has it, in every zone. */
  label?: string | null;
  /** A session lasts at most so many seconds. */
  max_session_seconds?: number | null;
  /** For so many seconds it goes on at a site that has lost its hub; 0: not at all. */
  offline_seconds: number;
  schedule?: Schedule | null;
  target?: string | null;
  target_id?: string | null;
  updated_at: Time;
  user?: string | null;
  user_id?: string | null;
  /** How often it was changed, from 1 on: a change names the version that it was made from. */
  version: number;
  zone?: string | null;
  zone_id?: string | null;
};

/** A change of a grant: what is left out stays. Sessions that run keep the limits that they began with, and end when no grant holds any more. */
export type GrantChange = {
  clipboard_copy?: boolean | null;
  clipboard_paste?: boolean | null;
  consent?: string | null;
  file_download?: boolean | null;
  file_upload?: boolean | null;
  idle_seconds?: number | null;
  max_session_seconds?: number | null;
  offline_seconds?: number | null;
  schedule?: Schedule | null;
  /** Refused if the grant is not at this version any more. */
  version?: number | null;
};

/** A target, as somebody to whom it was granted sees it. */
export type GrantedTarget = {
  closes_at?: Time | null;
  /** The accounts to choose from, the default one first. */
  credentials: CredentialChoice[];
  description?: string | null;
  id: string;
  name: string;
  /** Whether a grant holds now. */
  open: boolean;
  opens_at?: Time | null;
  protocol: Protocol;
  /** The zone has a tunnel to the hub that was asked, and no dial through it in the last minute failed to connect. */
  reachable: boolean;
  /** The zone's name. */
  zone: string;
  zone_id: string;
};

/** How a grant stands at a time. */
export type GrantState = "holds" | "closed" | "hub_away";

/** A group. */
export type Group = {
  created_at: Time;
  description?: string | null;
  id: string;
  /** Their ids. */
  members: string[];
  name: string;
  /** Members come and go without that. */
  updated_at: Time;
  /** How often it was changed, from 1 on: a change names the version that it was made from. */
  version: number;
};

/** A change of a group: what is left out stays. */
export type GroupChange = {
  description?: string | null;
  name?: string | null;
  /** Refused if the group is not at this version any more. */
  version?: number | null;
};

/** What draws a site's desktops. */
export type Guacd = {
  /** Where it is: host and port, as seen from the site. */
  address: string;
  /** Why it does not, in the satellite's words. */
  error?: string | null;
  /** Whether it answers. */
  here: boolean;
  /** Of `rdp` and `vnc` those that it has. */
  protocols: string[];
  /** Since when it answers, or does not. */
  since: Time;
  /** Whether it is reached over TLS. */
  tls: boolean;
  /** It is of this version, or of a newer one that says no more. */
  version?: string | null;
};

/** A pinned key. */
export type HostKey = {
  algorithm: string;
  /** As OpenSSH shows it. */
  fingerprint: string;
  pinned_at: Time;
};

/** What the hub decides. */
export type HubAccess = AccessDecision & {
  /** The grants and schedules that cover the person and the target. */
  grants: WeighedGrant[];
};

/** Which keys a target of RDP believes to have (`server-layout`). An older guacd does not know the last of them, and takes English (US) then. */
export type KeyboardLayout = "en-us-qwerty" | "en-gb-qwerty" | "de-de-qwertz" | "de-ch-qwertz" | "fr-fr-azerty" | "fr-be-azerty" | "fr-ch-qwertz" | "es-es-qwerty" | "es-latam-qwerty" | "it-it-qwerty" | "pt-br-qwerty" | "da-dk-qwerty" | "sv-se-qwerty" | "hu-hu-qwertz" | "tr-tr-qwerty" | "ja-jp-qwerty" | "failsafe" | "no-no-qwerty" | "fr-ca-qwerty" | "ca-multi-qwerty" | "pl-pl-qwerty" | "cs-cz-qwertz" | "pt-pt-qwerty" | "ro-ro-qwerty" | "ru-ru-qwerty";

/** A host key to decide about. */
export type KeyDecision = {
  /** As it was shown, `SHA256:…`: refused if the target showed yet another one meanwhile. */
  fingerprint: string;
};

/** A part of a list. */
export type List_AuditEvent = {
  /** The rows. */
  items: ({
    client_ip?: string | null;
    /** What else it tells, by its kind; `null`: told by a newer satellite than this hub knows. Never a secret. */
    detail?: Record<string, unknown> | null;
    /** Its place in the list of all nodes. */
    id: number;
    /** Such as `user.created`. */
    kind: string;
    /** The hub instance or satellite that tells it. */
    node_id: string;
    /** When, by its node's clock. */
    occurred_at: Time;
    /** When the hub wrote it down: later, where the site was away. */
    received_at: Time;
    /** That satellite's name; `null`: the hub itself. */
    satellite?: string | null;
    /** Its place in its node's chain, which has no hole. */
    seq: number;
    session_id?: string | null;
    /** Their user name. */
    user?: string | null;
    /** Who did it, or whose session it is about; `null`: nobody signed in. */
    user_id?: string | null;
    /** That satellite's zone. */
    zone?: string | null;
  })[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
};

/** A part of a list. */
export type List_AuditLog = {
  /** The rows. */
  items: ({
    /** Bytes printed. */
    bytes_received: number;
    /** Bytes typed. */
    bytes_sent: number;
    client_ip?: string | null;
    created_at: Time;
    credential_id?: string | null;
    /** Why it ended: a code of the shell's `closed` message. */
    end_code?: string | null;
    end_time?: Time | null;
    error_message?: string | null;
    id: string;
    recording_path?: string | null;
    /** The same as `id`. */
    session_id: string;
    session_status: SessionStatus;
    start_time: Time;
    /** The target's name. */
    target: string;
    target_id: string;
    /** Their user name. */
    user: string;
    user_id: string;
    /** The zone's name. */
    zone: string;
    zone_id: string;
  })[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
};

/** A part of a list. */
export type List_Credential = {
  /** The rows. */
  items: ({
    created_at: Time;
    description?: string | null;
    enabled: boolean;
    id: string;
    kind: CredentialKind;
    retired_at?: Time | null;
    /** The target's name. */
    target: string;
    target_id: string;
    updated_at: Time;
    /** The account on the target. */
    username: string;
    vault_secret_path: string;
    /** How often it was changed, from 1 on: a change names the version that it was made from. */
    version: number;
  })[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
};

/** A part of a list. */
export type List_Grant = {
  /** The rows. */
  items: ({
    /** Text that is copied on a desktop goes into the browser's clipboard. */
    clipboard_copy: boolean;
    /** Text of the browser's clipboard can be pasted on a desktop. */
    clipboard_paste: boolean;
    /** What its user must agree to before it opens. */
    consent?: string | null;
    created_at: Time;
    created_by?: string | null;
    /** Files come from a desktop. */
    file_download: boolean;
    /** Files go to a desktop. */
    file_upload: boolean;
    group?: string | null;
    group_id?: string | null;
    id: string;
    /** It ends when nothing was typed for so many seconds. */
    idle_seconds?: number | null;
    /** `key=value`: every target that has it, in every zone. */
    label?: string | null;
    /** A session lasts at most so many seconds. */
    max_session_seconds?: number | null;
    /** For so many seconds it goes on at a site that has lost its hub; 0: not at all. */
    offline_seconds: number;
    schedule?: Schedule | null;
    target?: string | null;
    target_id?: string | null;
    updated_at: Time;
    user?: string | null;
    user_id?: string | null;
    /** How often it was changed, from 1 on: a change names the version that it was made from. */
    version: number;
    zone?: string | null;
    zone_id?: string | null;
  })[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
};

/** A part of a list. */
export type List_GrantedTarget = {
  /** The rows. */
  items: ({
    closes_at?: Time | null;
    /** The accounts to choose from, the default one first. */
    credentials: CredentialChoice[];
    description?: string | null;
    id: string;
    name: string;
    /** Whether a grant holds now. */
    open: boolean;
    opens_at?: Time | null;
    protocol: Protocol;
    /** The zone has a tunnel to the hub that was asked, and no dial through it in the last minute failed to connect. */
    reachable: boolean;
    /** The zone's name. */
    zone: string;
    zone_id: string;
  })[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
};

/** A part of a list. */
export type List_Group = {
  /** The rows. */
  items: ({
    created_at: Time;
    description?: string | null;
    id: string;
    /** Their ids. */
    members: string[];
    name: string;
    /** Members come and go without that. */
    updated_at: Time;
    /** How often it was changed, from 1 on: a change names the version that it was made from. */
    version: number;
  })[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
};

/** A part of a list. */
export type List_Outage = {
  /** The rows. */
  items: ({
    /** How many decisions the policy of the moment of its return would have made differently. */
    difference_count: number;
    id: string;
    /** The newest policy of its zone when it was back. */
    newest_version?: number | null;
    /** By which policy the site decided meanwhile; `null`: it had none. */
    policy_version?: number | null;
    satellite_id: string;
    /** How many sessions ran there meanwhile; `null`: the report is being made. */
    sessions?: number | null;
    since: Time;
    until: Time;
    /** The zone's name. */
    zone: string;
    zone_id: string;
  })[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
};

/** A part of a list. */
export type List_Recording = {
  /** The rows. */
  items: ({
    /** Whether it is here to its end. */
    complete: boolean;
    deleted_at?: Time | null;
    duration_ms: number;
    end_time?: Time | null;
    kept_until?: Time | null;
    /** The first lines with what was looked for; `null` where nothing was. None where the words stand in lines apart. */
    lines?: string[] | null;
    /** How that is opened. A shell has `text` and `cast`, a desktop `guac`. */
    protocol: Protocol;
    session_id: string;
    /** As stored. */
    size_bytes: number;
    start_time: Time;
    /** The target's name. */
    target: string;
    target_id: string;
    /** Their user name. */
    user: string;
    user_id: string;
    /** The zone's name. */
    zone: string;
  })[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
};

/** A part of a list. */
export type List_Satellite = {
  /** The rows. */
  items: ({
    certificate_expires_at?: Time | null;
    /** How far its clock is ahead of the hub's, in milliseconds. */
    clock_skew_ms?: number | null;
    /** Size of its disk, in bytes. */
    disk_bytes?: number | null;
    /** Free space of its disk, in bytes. */
    disk_free_bytes?: number | null;
    /** It takes no new sessions: its program is about to be restarted. */
    draining: boolean;
    /** Audit events that wait there for the hub; while offline as it said last. */
    events_waiting?: number | null;
    guacd?: Guacd | null;
    /** Whether targets of its zone are desktops. */
    has_desktops: boolean;
    id: string;
    joined_at: Time;
    last_seen?: Time | null;
    loss_permille?: Loss | null;
    /** The machine's name. */
    name: string;
    newest_policy_at?: Time | null;
    /** The newest version of its zone's policy. */
    newest_policy_version?: number | null;
    offline_since?: Time | null;
    offline_until?: Time | null;
    /** Whether it says events and heartbeats on the bus; else the tunnel's control channel carries them. */
    on_bus: boolean;
    online_since?: Time | null;
    /** Why it refused the newest policy, in its own words. */
    policy_refused?: string | null;
    policy_taken_at?: Time | null;
    /** The version of the policy by which it decides, as it said last. */
    policy_version?: number | null;
    reach?: Reach | null;
    readmission_asked_at?: Time | null;
    readmission_until?: Time | null;
    /** Round trip, once measured. */
    rtt_ms?: number | null;
    /** Living sessions there. */
    sessions: number;
    /** Recorded bytes that wait there for the hub; while offline as it said last, `null` if it never did. */
    spool_bytes?: number | null;
    state: SatelliteState;
    transport?: Transport | null;
    /** Why its tunnel does not use QUIC, in its own words. */
    transport_note?: string | null;
    version?: string | null;
    /** The zone's name. */
    zone: string;
    zone_id: string;
  })[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
};

/** A part of a list. */
export type List_ScheduledAccess = {
  /** The rows. */
  items: ({
    /** Text that is copied on a desktop goes into the browser's clipboard. */
    clipboard_copy: boolean;
    /** Text of the browser's clipboard can be pasted on a desktop. */
    clipboard_paste: boolean;
    /** What its user must agree to before it opens. */
    consent?: string | null;
    created_at: Time;
    created_by?: string | null;
    /** It ends. Every window lasts as long as this one. */
    end_time: Time;
    /** Beginnings of windows that are left out. */
    exceptions: Time[];
    /** Files come from a desktop. */
    file_download: boolean;
    /** Files go to a desktop. */
    file_upload: boolean;
    id: string;
    /** It ends when nothing was typed for so many seconds. */
    idle_seconds?: number | null;
    /** A session lasts at most so many seconds. */
    max_session_seconds?: number | null;
    /** What other programs keep here. */
    metadata?: Record<string, unknown> | null;
    next_change?: Time | null;
    /** For so many seconds it goes on at a site that has lost its hub; 0: not at all. */
    offline_seconds: number;
    /** How it repeats: what stands behind `RRULE:` (RFC 5545). */
    recurrence_rule?: string | null;
    /** The window that the rule repeats begins; without a rule, the only one. */
    start_time: Time;
    /** Where it stands now. */
    status: ScheduleStatus;
    target: string;
    target_id: string;
    /** On whose clocks it repeats: a name of the IANA database. */
    timezone: string;
    updated_at: Time;
    user: string;
    user_id: string;
    /** How often it was changed, from 1 on: a change names the version that it was made from. */
    version: number;
    /** The next windows, the one that is open now among them: at most five. */
    windows: Window[];
    /** The zone of the target. */
    zone: string;
    zone_id: string;
    /** On whose clocks that zone works. */
    zone_timezone: string;
  })[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
};

/** A part of a list. */
export type List_Session = {
  /** The rows. */
  items: ({
    /** Whether a browser is on it, through the hub that was asked. */
    attached: boolean;
    /** Printed by the target. */
    bytes_received?: number | null;
    /** Typed to the target, of a running one as its site said seconds ago; `null`: not known while the site is away. */
    bytes_sent?: number | null;
    client_ip?: string | null;
    credential_id?: string | null;
    /** Why it ended: a code of the shell's `closed` message. */
    end_code?: string | null;
    end_time?: Time | null;
    /** What was said about the end. */
    error_message?: string | null;
    id: string;
    last_input_at?: Time | null;
    /** How that is opened. */
    protocol: Protocol;
    /** The satellite that runs it, or ran it. */
    satellite_id?: string | null;
    session_status: SessionStatus;
    start_time: Time;
    /** The target's name. */
    target: string;
    target_id: string;
    transport?: Transport | null;
    /** Their user name. */
    user: string;
    user_id: string;
    /** The account on the target. */
    username?: string | null;
    /** The zone's name. */
    zone: string;
    zone_id: string;
  })[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
};

/** A part of a list. */
export type List_SiteCommand = {
  /** The rows. */
  items: ({
    /** Past this nobody does it. */
    expires_at: Time;
    /** Why it failed. */
    failed_code?: string | null;
    /** What a diagnosis found. */
    findings: CommandFinding[];
    finished_at?: Time | null;
    /** Whether it collected something: `GET …/output`. */
    has_output: boolean;
    id: string;
    kind: CommandKind;
    /** What came of it, in the satellite's words. */
    message?: string | null;
    ordered_at: Time;
    ordered_by: string;
    /** How much of it is done, in percent. */
    percent: number;
    /** The satellite's name. */
    satellite: string;
    satellite_id: string;
    /** The session that it is about. */
    session_id?: string | null;
    state: CommandState;
    /** At what it is, in the satellite's words. */
    step?: string | null;
    /** Their user name. */
    user: string;
    /** The zone's name. */
    zone: string;
    zone_id: string;
  })[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
};

/** A part of a list. */
export type List_Target = {
  /** The rows. */
  items: ({
    created_at: Time;
    description?: string | null;
    desktop?: DesktopSettings | null;
    enabled: boolean;
    /** Pinned at the first dial. */
    host_keys: HostKey[];
    hostname: string;
    id: string;
    /** `key=value`, by key. */
    labels: string[];
    name: string;
    offered_host_key?: OfferedKey | null;
    /** Whether algorithms that are not safe any more may be used with it: old gear knows no others. */
    old_algorithms: boolean;
    port: number;
    protocol: Protocol;
    retired_at?: Time | null;
    updated_at: Time;
    /** How often it was changed, from 1 on: a change names the version that it was made from. */
    version: number;
    /** The zone's name. */
    zone: string;
    zone_id: string;
  })[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
};

/** A part of a list. */
export type List_Token = {
  /** The rows. */
  items: ({
    created_at: Time;
    created_by?: string | null;
    expires_at: Time;
    id: string;
    /** The satellite that joined with it. */
    satellite_id?: string | null;
    state: TokenState;
    used_at?: Time | null;
    /** The zone's name. */
    zone: string;
    zone_id: string;
  })[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
};

/** A part of a list. */
export type List_User = {
  /** The rows. */
  items: ({
    created_at: Time;
    display_name?: string | null;
    email?: string | null;
    enabled: boolean;
    /** The directory's id; `local:<uuid>` for a local account. */
    entra_id: string;
    id: string;
    last_login_at?: Time | null;
    retired_at?: Time | null;
    role: Role;
    updated_at: Time;
    username: string;
    /** How often the account was changed, from 1 on: a change names the version that it was made from. */
    version: number;
  })[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
};

/** A part of a list. */
export type List_Zone = {
  /** The rows. */
  items: ({
    created_at: Time;
    description?: string | null;
    enabled: boolean;
    id: string;
    /** While it stands no recording of the zone is deleted, however old. */
    legal_hold: boolean;
    name: string;
    /** How many days recordings are kept after their sessions' end, then deleted; `null`: for ever. */
    retention_days?: number | null;
    retired_at?: Time | null;
    satellite?: ZoneSatellite | null;
    /** On whose clocks the site works: a name of the IANA database. Schedules for its targets begin with it. */
    timezone: string;
    type: ZoneType;
    updated_at: Time;
    /** How often it was changed, from 1 on: a change names the version that it was made from. */
    version: number;
  })[];
  /** Where the list goes on; `null`: it does not. */
  next?: string | null;
};

/** A local account. */
export type Login = {
  password: string;
  username: string;
};

/** Lost packets of a thousand, in the last minute. */
export type Loss = {
  /** On the way from it. */
  from?: number | null;
  /** On the way to the satellite. */
  to?: number | null;
};

/** Who one is. */
export type Me = {
  display_name?: string | null;
  email?: string | null;
  /** Whether the hub keeps the account's password, and one can change it here. */
  has_password: boolean;
  id: string;
  last_login_at?: Time | null;
  role: Role;
  /** Whether the hub tells a collector of traces: a page then tells it how long a shell took to open. */
  traces: boolean;
  username: string;
};

/** A right to open a target. */
export type NamedRight = {
  /** Whether a grant or a schedule names the person. */
  directly: boolean;
  /** Through which groups besides. */
  groups: string[];
  /** The target, or the person. */
  id: string;
  /** Whether all of that holds in windows alone. */
  in_windows: boolean;
  name: string;
  /** The target's zone. */
  zone?: string | null;
};

/** A credential to make, with exactly one secret: a desktop's is a password. */
export type NewCredential = {
  description?: string | null;
  /** Opens the private key, if it is encrypted; not kept. */
  passphrase?: string | null;
  password?: string | null;
  /** Ed25519, ECDSA or RSA, in OpenSSH, PEM or PuTTY form. */
  private_key?: string | null;
  target_id: string;
  username: string;
};

/** A grant to give: exactly one of user and group, exactly one of target, zone and label. */
export type NewGrant = {
  /** Text that is copied on a desktop goes into the browser's clipboard; absent: yes. */
  clipboard_copy?: boolean | null;
  /** Text of the browser's clipboard can be pasted on a desktop; absent: yes. */
  clipboard_paste?: boolean | null;
  /** What its user must agree to before it opens. */
  consent?: string | null;
  /** Files come from a desktop; absent: no. */
  file_download?: boolean | null;
  /** Files go to a desktop; absent: no. */
  file_upload?: boolean | null;
  group_id?: string | null;
  /** It ends when nothing was typed for so many seconds: a minute to 31 days. */
  idle_seconds?: number | null;
  /** `key=value`. */
  label?: string | null;
  /** A session lasts at most so many seconds: a minute to 31 days. */
  max_session_seconds?: number | null;
  /** For so many seconds it goes on at a site that has lost its hub: 0 (not at all) to 28 days; absent: a day. */
  offline_seconds?: number | null;
  schedule?: Schedule | null;
  target_id?: string | null;
  user_id?: string | null;
  zone_id?: string | null;
};

/** A group to make. */
export type NewGroup = {
  description?: string | null;
  name: string;
};

/** A new password for one's own local account. */
export type NewPassword = {
  current: string;
  /** At least 12 characters. */
  new: string;
};

/** A schedule to make. */
export type NewScheduledAccess = {
  /** Text that is copied on a desktop goes into the browser's clipboard; absent: yes. */
  clipboard_copy?: boolean | null;
  /** Text of the browser's clipboard can be pasted on a desktop; absent: yes. */
  clipboard_paste?: boolean | null;
  /** What its user must agree to before it opens. */
  consent?: string | null;
  /** It ends: at most 31 days later. Every window lasts as long as this one. */
  end_time: Time;
  /** Beginnings of windows that are left out: at most 500. */
  exceptions?: Time[];
  /** Files come from a desktop; absent: no. */
  file_download?: boolean | null;
  /** Files go to a desktop; absent: no. */
  file_upload?: boolean | null;
  /** It ends when nothing was typed for so many seconds: a minute to 31 days. */
  idle_seconds?: number | null;
  /** A session lasts at most so many seconds: a minute to 31 days. */
  max_session_seconds?: number | null;
  /** What other programs keep here: at most 4 KiB of JSON. */
  metadata?: Record<string, unknown> | null;
  /** For so many seconds it goes on at a site that has lost its hub: 0 (not at all) to 28 days; absent: a day. */
  offline_seconds?: number | null;
  /** How it repeats: what stands behind `RRULE:` (RFC 5545), hourly at most. */
  recurrence_rule?: string | null;
  /** The window that the rule repeats begins; without a rule, the only one. */
  start_time: Time;
  target_id: string;
  /** On whose clocks: a name of the IANA database. `UTC` if left out. */
  timezone?: string | null;
  user_id: string;
};

/** A command to order. */
export type NewSiteCommand = {
  /** How long it waits for its site, at most: an hour by default, at most a week. */
  expires_in_seconds?: number | null;
  kind: CommandKind;
  /** The session that `end` and `watch` are about; no other kind has one. */
  session_id?: string | null;
};

/** A target to make. */
export type NewTarget = {
  description?: string | null;
  desktop?: DesktopSettings | null;
  /** DNS name or address, as the site knows it. */
  hostname: string;
  /** `key=value`, at most 32, each key once: grants may name them. */
  labels?: string[];
  name: string;
  /** Allow algorithms that are not safe any more: SHA-1, CBC, 3DES. */
  old_algorithms?: boolean;
  port: number;
  protocol: Protocol;
  zone_id: string;
};

/** A token to make. */
export type NewToken = {
  /** One hour by default, at most 30 days. */
  lifetime_seconds?: number | null;
  zone_id: string;
};

/** A local account to make. */
export type NewUser = {
  display_name?: string | null;
  email?: string | null;
  /** At least 12 characters. */
  password: string;
  role: Role;
  username: string;
};

/** A zone to make. */
export type NewZone = {
  description?: string | null;
  name: string;
  /** On whose clocks the site works: a name of the IANA database. `UTC` if left out. */
  timezone?: string | null;
  type?: ZoneType;
};

/** A key that the target showed instead of the pinned ones. */
export type OfferedKey = {
  algorithm: string;
  /** As OpenSSH shows it. */
  fingerprint: string;
  /** When it was last shown. */
  offered_at: Time;
};

/** From a person's wish for a shell to its first sight, or to the word that there will be none. */
export type Opening = {
  /** It ended just now. At most a day: whoever waited longer has no shell. */
  duration_ms: number;
  /** Whether there is a shell. */
  opened: boolean;
  /** The session, where there is one. */
  session_id?: string | null;
  /** What the page sent along with its request (W3C Trace Context). */
  traceparent: string;
};

/** A time in which a site was without its hub. */
export type Outage = {
  /** How many decisions the policy of the moment of its return would have made differently. */
  difference_count: number;
  id: string;
  /** The newest policy of its zone when it was back. */
  newest_version?: number | null;
  /** By which policy the site decided meanwhile; `null`: it had none. */
  policy_version?: number | null;
  satellite_id: string;
  /** How many sessions ran there meanwhile; `null`: the report is being made. */
  sessions?: number | null;
  since: Time;
  until: Time;
  /** The zone's name. */
  zone: string;
  zone_id: string;
};

/** An outage with its report. */
export type OutageReport = Outage & {
  /** The decisions that would have been others, at most a thousand. */
  differences: Difference[];
};

/** What comes of a schedule. */
export type Outlook = {
  /** The next windows, the one that is open now among them: at most five. */
  windows: Window[];
};

/** A person, also one whose account was deleted. */
export type PersonProfile = {
  created_at: Time;
  display_name?: string | null;
  enabled: boolean;
  /** Their groups, by name. */
  groups: string[];
  id: string;
  last_login_at?: Time | null;
  /** What they may open now: the first 500 by name. */
  may_open: NamedRight[];
  /** Whether there are more. */
  more: boolean;
  retired_at?: Time | null;
  role: Role;
  sessions: SessionCount;
  username: string;
};

/** An error, as the client reads it. */
export type Problem = {
  /** Stable, for programs. */
  code: string;
  /** What happened and what to do. */
  detail: string;
  /** Which field of the request, for `invalid_request` and what it names that is not there. */
  field?: string | null;
  /** HTTP status. */
  status: number;
  /** The status in words. */
  title: string;
  /** Always `about:blank`: the code says more than a link would. */
  type: string;
};

/** How a target is opened. */
export type Protocol = "ssh" | "rdp" | "vnc";

/** The site's last word: what sessions may reach. An empty list: anything. */
export type Reach = {
  networks: string[];
  ports: string[];
  protocols: string[];
};

/** A recording. */
export type Recording = {
  /** Whether it is here to its end. */
  complete: boolean;
  deleted_at?: Time | null;
  duration_ms: number;
  end_time?: Time | null;
  kept_until?: Time | null;
  /** The first lines with what was looked for; `null` where nothing was. None where the words stand in lines apart. */
  lines?: string[] | null;
  /** How that is opened. A shell has `text` and `cast`, a desktop `guac`. */
  protocol: Protocol;
  session_id: string;
  /** As stored. */
  size_bytes: number;
  start_time: Time;
  /** The target's name. */
  target: string;
  target_id: string;
  /** Their user name. */
  user: string;
  user_id: string;
  /** The zone's name. */
  zone: string;
};

/** A program that the target publishes. */
export type RemoteApp = {
  /** What it is told. */
  args?: string | null;
  /** Where it starts. */
  dir?: string | null;
  /** As it is published: `||name`, or a path. */
  program: string;
};

/** The roles, for the OpenAPI document; [`Role`] is the value. */
export type Role = "admin" | "auditor" | "user";

/** A satellite. */
export type Satellite = {
  certificate_expires_at?: Time | null;
  /** How far its clock is ahead of the hub's, in milliseconds. */
  clock_skew_ms?: number | null;
  /** Size of its disk, in bytes. */
  disk_bytes?: number | null;
  /** Free space of its disk, in bytes. */
  disk_free_bytes?: number | null;
  /** It takes no new sessions: its program is about to be restarted. */
  draining: boolean;
  /** Audit events that wait there for the hub; while offline as it said last. */
  events_waiting?: number | null;
  guacd?: Guacd | null;
  /** Whether targets of its zone are desktops. */
  has_desktops: boolean;
  id: string;
  joined_at: Time;
  last_seen?: Time | null;
  loss_permille?: Loss | null;
  /** The machine's name. */
  name: string;
  newest_policy_at?: Time | null;
  /** The newest version of its zone's policy. */
  newest_policy_version?: number | null;
  offline_since?: Time | null;
  offline_until?: Time | null;
  /** Whether it says events and heartbeats on the bus; else the tunnel's control channel carries them. */
  on_bus: boolean;
  online_since?: Time | null;
  /** Why it refused the newest policy, in its own words. */
  policy_refused?: string | null;
  policy_taken_at?: Time | null;
  /** The version of the policy by which it decides, as it said last. */
  policy_version?: number | null;
  reach?: Reach | null;
  readmission_asked_at?: Time | null;
  readmission_until?: Time | null;
  /** Round trip, once measured. */
  rtt_ms?: number | null;
  /** Living sessions there. */
  sessions: number;
  /** Recorded bytes that wait there for the hub; while offline as it said last, `null` if it never did. */
  spool_bytes?: number | null;
  state: SatelliteState;
  transport?: Transport | null;
  /** Why its tunnel does not use QUIC, in its own words. */
  transport_note?: string | null;
  version?: string | null;
  /** The zone's name. */
  zone: string;
  zone_id: string;
};

/** Where a satellite stands. */
export type SatelliteState = "online" | "offline" | "revoked" | "quarantined";

/** A window, once or again and again: while one is open something holds. */
export type Schedule = {
  /** It ends: at most 31 days later. Every window lasts as long as this one. */
  end_time: Time;
  /** Beginnings of windows that are left out: at most 500. */
  exceptions?: Time[];
  /** How it repeats: what stands behind `RRULE:` (RFC 5545), hourly at most. */
  recurrence_rule?: string | null;
  /** The window that the rule repeats begins; without a rule, the only one. */
  start_time: Time;
  /** On whose clocks: a name of the IANA database. `UTC` if left out. */
  timezone?: string | null;
};

/** A schedule: one user on one target, in its windows alone. */
export type ScheduledAccess = {
  /** Text that is copied on a desktop goes into the browser's clipboard. */
  clipboard_copy: boolean;
  /** Text of the browser's clipboard can be pasted on a desktop. */
  clipboard_paste: boolean;
  /** What its user must agree to before it opens. */
  consent?: string | null;
  created_at: Time;
  created_by?: string | null;
  /** It ends. Every window lasts as long as this one. */
  end_time: Time;
  /** Beginnings of windows that are left out. */
  exceptions: Time[];
  /** Files come from a desktop. */
  file_download: boolean;
  /** Files go to a desktop. */
  file_upload: boolean;
  id: string;
  /** It ends when nothing was typed for so many seconds. */
  idle_seconds?: number | null;
  /** A session lasts at most so many seconds. */
  max_session_seconds?: number | null;
  /** What other programs keep here. */
  metadata?: Record<string, unknown> | null;
  next_change?: Time | null;
  /** For so many seconds it goes on at a site that has lost its hub; 0: not at all. */
  offline_seconds: number;
  /** How it repeats: what stands behind `RRULE:` (RFC 5545). */
  recurrence_rule?: string | null;
  /** The window that the rule repeats begins; without a rule, the only one. */
  start_time: Time;
  /** Where it stands now. */
  status: ScheduleStatus;
  target: string;
  target_id: string;
  /** On whose clocks it repeats: a name of the IANA database. */
  timezone: string;
  updated_at: Time;
  user: string;
  user_id: string;
  /** How often it was changed, from 1 on: a change names the version that it was made from. */
  version: number;
  /** The next windows, the one that is open now among them: at most five. */
  windows: Window[];
  /** The zone of the target. */
  zone: string;
  zone_id: string;
  /** On whose clocks that zone works. */
  zone_timezone: string;
};

/** A change of a schedule: what is left out stays. Sessions that run keep the limits that they began with, and end when nothing gives their user the target any more. */
export type ScheduledAccessChange = {
  clipboard_copy?: boolean | null;
  clipboard_paste?: boolean | null;
  consent?: string | null;
  end_time?: Time | null;
  exceptions?: Time[] | null;
  file_download?: boolean | null;
  file_upload?: boolean | null;
  idle_seconds?: number | null;
  max_session_seconds?: number | null;
  metadata?: Record<string, unknown> | null;
  offline_seconds?: number | null;
  recurrence_rule?: string | null;
  start_time?: Time | null;
  timezone?: string | null;
  /** Refused if the schedule is not at this version any more. */
  version?: number | null;
};

/** A window of a schedule. */
export type ScheduledWindow = {
  end_time: Time;
  schedule_id: string;
  start_time: Time;
  target: string;
  target_id: string;
  user: string;
  user_id: string;
  /** The zone of the target. */
  zone: string;
};

/** Windows by their beginnings, at most a thousand. */
export type ScheduledWindows = {
  /** Whether there are more than these: ask for a shorter time, or for one user or target. */
  more: boolean;
  windows: ScheduledWindow[];
};

/** Where a schedule stands. */
export type ScheduleStatus = "pending" | "active" | "expired" | "cancelled";

/** A session. */
export type Session = {
  /** Whether a browser is on it, through the hub that was asked. */
  attached: boolean;
  /** Printed by the target. */
  bytes_received?: number | null;
  /** Typed to the target, of a running one as its site said seconds ago; `null`: not known while the site is away. */
  bytes_sent?: number | null;
  client_ip?: string | null;
  credential_id?: string | null;
  /** Why it ended: a code of the shell's `closed` message. */
  end_code?: string | null;
  end_time?: Time | null;
  /** What was said about the end. */
  error_message?: string | null;
  id: string;
  last_input_at?: Time | null;
  /** How that is opened. */
  protocol: Protocol;
  /** The satellite that runs it, or ran it. */
  satellite_id?: string | null;
  session_status: SessionStatus;
  start_time: Time;
  /** The target's name. */
  target: string;
  target_id: string;
  transport?: Transport | null;
  /** Their user name. */
  user: string;
  user_id: string;
  /** The account on the target. */
  username?: string | null;
  /** The zone's name. */
  zone: string;
  zone_id: string;
};

/** How many sessions there were. */
export type SessionCount = {
  /** Of these, such as run now. */
  active: number;
  last?: Time | null;
  /** So far. */
  total: number;
};

/** Where a session stands (`audit_logs.session_status`). */
export type SessionStatus = "active" | "completed" | "failed" | "terminated";

/** A new token with its secret: shown this once. */
export type ShownToken = Token & {
  /** The line to run at the site. */
  command: string;
  /** What the satellite joins with. */
  token: string;
};

/** One signed-in browser of the caller's. */
export type SignIn = {
  client_ip?: string | null;
  created_at: Time;
  /** Whether it is the one that asks. */
  current: boolean;
  /** It is over then at the latest. */
  expires_at: Time;
  id: string;
  last_used_at: Time;
  /** What the browser said that it is. */
  user_agent?: string | null;
};

/** All of them: there are never many. */
export type SignIns = {
  items: SignIn[];
  /** Always `null`: the list is whole. */
  next?: string | null;
};

/** What the site decides. */
export type SiteAccess = AccessDecision & {
  away_since?: Time | null;
  /** The version of the policy that it holds. */
  policy_version: number;
};

/** A command to a site. */
export type SiteCommand = {
  /** Past this nobody does it. */
  expires_at: Time;
  /** Why it failed. */
  failed_code?: string | null;
  /** What a diagnosis found. */
  findings: CommandFinding[];
  finished_at?: Time | null;
  /** Whether it collected something: `GET …/output`. */
  has_output: boolean;
  id: string;
  kind: CommandKind;
  /** What came of it, in the satellite's words. */
  message?: string | null;
  ordered_at: Time;
  ordered_by: string;
  /** How much of it is done, in percent. */
  percent: number;
  /** The satellite's name. */
  satellite: string;
  satellite_id: string;
  /** The session that it is about. */
  session_id?: string | null;
  state: CommandState;
  /** At what it is, in the satellite's words. */
  step?: string | null;
  /** Their user name. */
  user: string;
  /** The zone's name. */
  zone: string;
  zone_id: string;
};

/** A target. */
export type Target = {
  created_at: Time;
  description?: string | null;
  desktop?: DesktopSettings | null;
  enabled: boolean;
  /** Pinned at the first dial. */
  host_keys: HostKey[];
  hostname: string;
  id: string;
  /** `key=value`, by key. */
  labels: string[];
  name: string;
  offered_host_key?: OfferedKey | null;
  /** Whether algorithms that are not safe any more may be used with it: old gear knows no others. */
  old_algorithms: boolean;
  port: number;
  protocol: Protocol;
  retired_at?: Time | null;
  updated_at: Time;
  /** How often it was changed, from 1 on: a change names the version that it was made from. */
  version: number;
  /** The zone's name. */
  zone: string;
  zone_id: string;
};

/** A change of a target: what is left out stays. */
export type TargetChange = {
  description?: string | null;
  desktop?: DesktopSettings | null;
  enabled?: boolean | null;
  hostname?: string | null;
  /** All of them anew: `key=value`, at most 32, each key once. */
  labels?: string[] | null;
  name?: string | null;
  /** Allow algorithms that are not safe any more: SHA-1, CBC, 3DES. */
  old_algorithms?: boolean | null;
  port?: number | null;
  /** Refused if the target is not at this version any more. */
  version?: number | null;
};

/** A target, also one that was deleted. */
export type TargetProfile = {
  /** The accounts that can be used there. */
  accounts: string[];
  description?: string | null;
  /** Whether it may be opened, its zone included. */
  enabled: boolean;
  hostname: string;
  id: string;
  labels: string[];
  /** Whether there are more. */
  more: boolean;
  name: string;
  /** Who may open it now: the first 500 by name. */
  opened_by: NamedRight[];
  port: number;
  retired_at?: Time | null;
  sessions: SessionCount;
  zone: string;
  zone_id: string;
};

/** What to test. */
export type TestRequest = {
  /** With this credential; else with the oldest that is enabled. */
  credential_id?: string | null;
};

/** What came of a test. */
export type TestResult = {
  /** Why it went no further: a code of the wire contract. */
  code?: string | null;
  /** Where: `hub`, `site` or `target`. */
  hop?: string | null;
  /** What happened and what to do. */
  message?: string | null;
  /** Whether the target let the account in. */
  ok: boolean;
  /** The steps that were done, in order. */
  steps: TestStep[];
  /** The account that was tried. */
  username?: string | null;
};

/** A step that was done. */
export type TestStep = {
  /** Since the begin. */
  elapsed_ms: number;
  /** `credential`, `site` or `target`. */
  name: string;
};

/** A point in time. PostgreSQL keeps microseconds of it. */
export type Time = string;

/** A join token, without its secret. */
export type Token = {
  created_at: Time;
  created_by?: string | null;
  expires_at: Time;
  id: string;
  /** The satellite that joined with it. */
  satellite_id?: string | null;
  state: TokenState;
  used_at?: Time | null;
  /** The zone's name. */
  zone: string;
  zone_id: string;
};

/** Where a token stands. */
export type TokenState = "unused" | "used" | "expired" | "revoked";

/** Which transport carries a satellite's tunnel. */
export type Transport = "quic" | "tcp";

/** A user. */
export type User = {
  created_at: Time;
  display_name?: string | null;
  email?: string | null;
  enabled: boolean;
  /** The directory's id; `local:<uuid>` for a local account. */
  entra_id: string;
  id: string;
  last_login_at?: Time | null;
  retired_at?: Time | null;
  role: Role;
  updated_at: Time;
  username: string;
  /** How often the account was changed, from 1 on: a change names the version that it was made from. */
  version: number;
};

/** A change of an account: what is left out stays. */
export type UserChange = {
  display_name?: string | null;
  email?: string | null;
  enabled?: boolean | null;
  /** Of a local account, at least 12 characters. It signs the user out everywhere. */
  password?: string | null;
  role?: Role | null;
  /** Refused if the account is not at this version any more. */
  version?: number | null;
};

/** How a machine is woken over its network (a magic packet, UDP port 9). */
export type WakeOnLan = {
  /** Where the packet goes; absent: to everybody in the satellite's own network. */
  broadcast?: string;
  /** Of its network card: six pairs of hexadecimal digits. */
  mac: string;
  /** So long it is waited for, at most five minutes; absent: one. */
  wait_seconds?: number;
};

/** One of the grants and schedules that a decision is made of. */
export type WeighedGrant = {
  /** Text that is copied on a desktop goes into the browser's clipboard. */
  clipboard_copy: boolean;
  /** Text of the browser's clipboard can be pasted on a desktop. */
  clipboard_paste: boolean;
  /** Whether its terms are those that count. */
  counts: boolean;
  /** Files come from a desktop. */
  file_download: boolean;
  /** Files go to a desktop. */
  file_upload: boolean;
  group?: string | null;
  group_id?: string | null;
  id: string;
  /** or on every target with this label. */
  label?: string | null;
  /** For so many seconds it goes on at a site that has lost its hub. */
  offline_seconds: number;
  opens_at?: Time | null;
  /** It is a schedule: a right of the person on the target in its windows alone. */
  scheduled: boolean;
  /** Whether it holds at that time, were it the only one. */
  state: GrantState;
  /** On the target itself, */
  target?: string | null;
  until?: Time | null;
  /** Given to the person themselves; otherwise through a group. */
  user?: string | null;
  /** or on every target of the zone, */
  zone?: string | null;
};

/** One concrete window. */
export type Window = {
  end_time: Time;
  start_time: Time;
};

/** A zone. */
export type Zone = {
  created_at: Time;
  description?: string | null;
  enabled: boolean;
  id: string;
  /** While it stands no recording of the zone is deleted, however old. */
  legal_hold: boolean;
  name: string;
  /** How many days recordings are kept after their sessions' end, then deleted; `null`: for ever. */
  retention_days?: number | null;
  retired_at?: Time | null;
  satellite?: ZoneSatellite | null;
  /** On whose clocks the site works: a name of the IANA database. Schedules for its targets begin with it. */
  timezone: string;
  type: ZoneType;
  updated_at: Time;
  /** How often it was changed, from 1 on: a change names the version that it was made from. */
  version: number;
};

/** A change of a zone: what is left out stays. */
export type ZoneChange = {
  description?: string | null;
  enabled?: boolean | null;
  legal_hold?: boolean | null;
  name?: string | null;
  /** Recordings that are older already are deleted for good, within a minute. */
  retention_days?: number | null;
  timezone?: string | null;
  /** Refused if the zone is not at this version any more. */
  version?: number | null;
};

/** A zone's satellite in short. */
export type ZoneSatellite = {
  id: string;
  last_seen?: Time | null;
  state: SatelliteState;
  transport?: Transport | null;
};

/** What serves a zone. */
export type ZoneType = "hub" | "satellite";

export interface Operations {
  /** Why this person may, or may not, open this target at this time. */
  "GET /api/v1/admin/access": {
    path: undefined;
    query: { user_id: string; target_id: string; at?: Time };
    body: undefined;
    answer: ExplainedAccess;
  };
  /** How the bus is: connected or not, its servers, accounts and stream, and what waits for it. Auditors may ask, too. */
  "GET /api/v1/admin/bus": {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: BusStatus;
  };
  /** Commands to sites, newest first. Those that are over are kept for 30 days. Auditors may look, too. */
  "GET /api/v1/admin/commands": {
    path: undefined;
    query: { satellite_id?: string; unfinished?: boolean; limit?: number; cursor?: string };
    body: undefined;
    answer: List_SiteCommand;
  };
  /** One command. */
  "GET /api/v1/admin/commands/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: SiteCommand;
  };
  /** Take a command back. What its site has done stays done. */
  "DELETE /api/v1/admin/commands/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** What a command collected: lines of the satellite's own log. */
  "GET /api/v1/admin/commands/{id}/output": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: string;
  };
  /** Credentials, newest first. */
  "GET /api/v1/admin/credentials": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_Credential;
  };
  /** Make a credential. */
  "POST /api/v1/admin/credentials": {
    path: undefined;
    query: undefined;
    body: NewCredential;
    answer: Credential;
  };
  /** One credential. */
  "GET /api/v1/admin/credentials/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Credential;
  };
  /** Change a credential; sessions that use a disabled one end. A new secret is used from the next session on. */
  "PATCH /api/v1/admin/credentials/{id}": {
    path: { id: string };
    query: undefined;
    body: CredentialChange;
    answer: Credential;
  };
  /** Delete a credential and its secret; sessions that use it end. */
  "DELETE /api/v1/admin/credentials/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Grants, newest first. */
  "GET /api/v1/admin/grants": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_Grant;
  };
  /** Give a grant. */
  "POST /api/v1/admin/grants": {
    path: undefined;
    query: undefined;
    body: NewGrant;
    answer: Grant;
  };
  /** One grant. */
  "GET /api/v1/admin/grants/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Grant;
  };
  /** Change how a grant may be used. */
  "PATCH /api/v1/admin/grants/{id}": {
    path: { id: string };
    query: undefined;
    body: GrantChange;
    answer: Grant;
  };
  /** Withdraw a grant; sessions that stood on it alone end. */
  "DELETE /api/v1/admin/grants/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Groups, newest first. */
  "GET /api/v1/admin/groups": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_Group;
  };
  /** Make a group. */
  "POST /api/v1/admin/groups": {
    path: undefined;
    query: undefined;
    body: NewGroup;
    answer: Group;
  };
  /** One group. */
  "GET /api/v1/admin/groups/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Group;
  };
  /** Change a group. */
  "PATCH /api/v1/admin/groups/{id}": {
    path: { id: string };
    query: undefined;
    body: GroupChange;
    answer: Group;
  };
  /** Delete a group with its grants; sessions that stood on these alone end. */
  "DELETE /api/v1/admin/groups/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Put a user into a group. */
  "PUT /api/v1/admin/groups/{id}/members/{user_id}": {
    path: { id: string; user_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Take a user out of a group. */
  "DELETE /api/v1/admin/groups/{id}/members/{user_id}": {
    path: { id: string; user_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Satellites, newest first. */
  "GET /api/v1/admin/satellites": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_Satellite;
  };
  /** One satellite. */
  "GET /api/v1/admin/satellites/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Satellite;
  };
  /** Order something of a satellite. While that is away it waits; past its time it expires. */
  "POST /api/v1/admin/satellites/{id}/commands": {
    path: { id: string };
    query: undefined;
    body: NewSiteCommand;
    answer: SiteCommand;
  };
  /** Let a satellite back in that was away for longer than `readmit_days`: its next renewal within a day succeeds. */
  "POST /api/v1/admin/satellites/{id}/readmit": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Release a satellite from quarantine: whichever machine renews its certificate next is it. If the other one still runs, it is quarantined again. */
  "POST /api/v1/admin/satellites/{id}/release": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Revoke a satellite for good: its tunnel drops at once, its zone can be joined by another. */
  "POST /api/v1/admin/satellites/{id}/revoke": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Targets, newest first. */
  "GET /api/v1/admin/targets": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_Target;
  };
  /** Make a target. */
  "POST /api/v1/admin/targets": {
    path: undefined;
    query: undefined;
    body: NewTarget;
    answer: Target;
  };
  /** One target. */
  "GET /api/v1/admin/targets/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Target;
  };
  /** Change a target; sessions on a disabled one end. Others go on as they were opened. */
  "PATCH /api/v1/admin/targets/{id}": {
    path: { id: string };
    query: undefined;
    body: TargetChange;
    answer: Target;
  };
  /** Delete a target with its credentials and grants; schedules on it are cancelled, its sessions end. What was done on it stays in the books. */
  "DELETE /api/v1/admin/targets/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Accept the other host key that a target showed: it is the only known one from now on. */
  "POST /api/v1/admin/targets/{id}/host-key/accept": {
    path: { id: string };
    query: undefined;
    body: KeyDecision;
    answer: Target;
  };
  /** Refuse the other host key that a target showed. The known ones stay; it is told again when it is shown again. */
  "POST /api/v1/admin/targets/{id}/host-key/refuse": {
    path: { id: string };
    query: undefined;
    body: KeyDecision;
    answer: Target;
  };
  /** Try a target without opening a session: its site reaches it, compares its host key and signs in. A failure is an answer too, with the hop where it failed. */
  "POST /api/v1/admin/targets/{id}/test": {
    path: { id: string };
    query: undefined;
    body: TestRequest;
    answer: TestResult;
  };
  /** Tokens, newest first. */
  "GET /api/v1/admin/tokens": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_Token;
  };
  /** Make a token. */
  "POST /api/v1/admin/tokens": {
    path: undefined;
    query: undefined;
    body: NewToken;
    answer: ShownToken;
  };
  /** One token. */
  "GET /api/v1/admin/tokens/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Token;
  };
  /** Withdraw a token; a satellite that has joined with it stays. */
  "POST /api/v1/admin/tokens/{id}/revoke": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Users, newest first. */
  "GET /api/v1/admin/users": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_User;
  };
  /** Make a local account. */
  "POST /api/v1/admin/users": {
    path: undefined;
    query: undefined;
    body: NewUser;
    answer: User;
  };
  /** One user. */
  "GET /api/v1/admin/users/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: User;
  };
  /** Change an account. Disabling it, or another password, signs its user out everywhere; disabling it ends their sessions too. */
  "PATCH /api/v1/admin/users/{id}": {
    path: { id: string };
    query: undefined;
    body: UserChange;
    answer: User;
  };
  /** Delete an account with its grants and memberships; its schedules are cancelled, its user is signed out everywhere and their sessions end. What they did stays in the books. */
  "DELETE /api/v1/admin/users/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** End all sessions of a user. They may open new ones: to prevent that, disable the account. */
  "POST /api/v1/admin/users/{id}/end-sessions": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: EndedSessions;
  };
  /** Zones, newest first. */
  "GET /api/v1/admin/zones": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_Zone;
  };
  /** Make a zone. */
  "POST /api/v1/admin/zones": {
    path: undefined;
    query: undefined;
    body: NewZone;
    answer: Zone;
  };
  /** One zone. */
  "GET /api/v1/admin/zones/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Zone;
  };
  /** Change a zone; sessions in a disabled one end. */
  "PATCH /api/v1/admin/zones/{id}": {
    path: { id: string };
    query: undefined;
    body: ZoneChange;
    answer: Zone;
  };
  /** Delete a zone with its grants and join tokens, once its targets are deleted and its satellite is revoked. */
  "DELETE /api/v1/admin/zones/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Who can get in at a zone's targets if its line to the hub dies now, or, while it is dead, who still can. Part by part; a part is 1 to 500 rows. */
  "GET /api/v1/admin/zones/{id}/access-alone": {
    path: { id: string };
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: AccessAlone;
  };
  /** End all sessions in a zone. New ones may be opened: to prevent that, disable the zone. */
  "POST /api/v1/admin/zones/{id}/end-sessions": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: EndedSessions;
  };
  /** Sessions as the books have them, newest first. */
  "GET /api/v1/audit": {
    path: undefined;
    query: { user_id?: string; target_id?: string; zone_id?: string; status?: SessionStatus; from?: Time; to?: Time; limit?: number; cursor?: string };
    body: undefined;
    answer: List_AuditLog;
  };
  /** What happened, newest first. */
  "GET /api/v1/audit/events": {
    path: undefined;
    query: { user_id?: string; about?: string; session_id?: string; kind?: string; from?: Time; to?: Time; limit?: number; cursor?: string };
    body: undefined;
    answer: List_AuditEvent;
  };
  /** The events as a file, newest first. */
  "GET /api/v1/audit/events/export": {
    path: undefined;
    query: { format: "csv" | "jsonl"; user_id?: string; about?: string; session_id?: string; kind?: string; from?: Time; to?: Time };
    body: undefined;
    answer: string;
  };
  /** The book of sessions as a file, newest first. */
  "GET /api/v1/audit/export": {
    path: undefined;
    query: { format: "csv" | "jsonl"; user_id?: string; target_id?: string; zone_id?: string; status?: SessionStatus; from?: Time; to?: Time };
    body: undefined;
    answer: string;
  };
  /** A target and who may open it. */
  "GET /api/v1/audit/targets/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: TargetProfile;
  };
  /** A person and what they may open. */
  "GET /api/v1/audit/users/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: PersonProfile;
  };
  /** Sign in; sets the session cookie. */
  "POST /api/v1/auth/login": {
    path: undefined;
    query: undefined;
    body: Login;
    answer: Me;
  };
  /** Sign out; shells of this browser are detached and wait for their grace time. */
  "POST /api/v1/auth/logout": {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Who is signed in. */
  "GET /api/v1/auth/me": {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: Me;
  };
  /** Change one's own password; every other browser is signed out. */
  "PUT /api/v1/auth/password": {
    path: undefined;
    query: undefined;
    body: NewPassword;
    answer: undefined;
  };
  /** Where one is signed in, the newest first. */
  "GET /api/v1/auth/sign-ins": {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: SignIns;
  };
  /** Sign out everywhere, here too; all shells are detached and wait for their grace time. */
  "DELETE /api/v1/auth/sign-ins": {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Sign one browser out; its shells are detached and wait for their grace time. */
  "DELETE /api/v1/auth/sign-ins/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** This document. */
  "GET /api/v1/openapi.json": {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: unknown;
  };
  /** Outages of sites, newest first: ten seconds and more without the hub, as the sites said when they were back. */
  "GET /api/v1/outages": {
    path: undefined;
    query: { zone_id?: string; limit?: number; cursor?: string };
    body: undefined;
    answer: List_Outage;
  };
  /** One outage, and what the site decided meanwhile that would have been decided differently at its return. */
  "GET /api/v1/outages/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: OutageReport;
  };
  /** Recordings, newest first: one's own, or everybody's for admins and auditors. */
  "GET /api/v1/recordings": {
    path: undefined;
    query: { text?: string; limit?: number; cursor?: string };
    body: undefined;
    answer: List_Recording;
  };
  /** The recording of a shell as asciicast v2. */
  "GET /api/v1/recordings/{session_id}/cast": {
    path: { session_id: string };
    query: undefined;
    body: undefined;
    answer: string;
  };
  /** The recording of a desktop as Guacamole records: what guacd said, instruction by instruction, each `sync` with the time in milliseconds. It holds no clipboard, no files and no keys. */
  "GET /api/v1/recordings/{session_id}/guac": {
    path: { session_id: string };
    query: undefined;
    body: undefined;
    answer: string;
  };
  /** What a shell printed, escape codes removed. */
  "GET /api/v1/recordings/{session_id}/text": {
    path: { session_id: string };
    query: undefined;
    body: undefined;
    answer: string;
  };
  /** Schedules, newest first: one's own, or everybody's for admins and auditors. */
  "GET /api/v1/schedules": {
    path: undefined;
    query: { user_id?: string; target_id?: string; status?: "pending" | "active" | "expired" | "cancelled"; limit?: number; cursor?: string };
    body: undefined;
    answer: List_ScheduledAccess;
  };
  /** Make a schedule: one user may open one target, in its windows alone. */
  "POST /api/v1/schedules": {
    path: undefined;
    query: undefined;
    body: NewScheduledAccess;
    answer: ScheduledAccess;
  };
  /** Schedules with a window that is open now, newest first. */
  "GET /api/v1/schedules/active": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_ScheduledAccess;
  };
  /** Try a schedule: which windows come next. Nothing is kept. */
  "POST /api/v1/schedules/validate": {
    path: undefined;
    query: undefined;
    body: Schedule;
    answer: Outlook;
  };
  /** The windows of schedules that were not cancelled: of one's own, or of everybody's for admins and auditors. */
  "GET /api/v1/schedules/windows": {
    path: undefined;
    query: { from: Time; to: Time; user_id?: string; target_id?: string };
    body: undefined;
    answer: ScheduledWindows;
  };
  /** One schedule. */
  "GET /api/v1/schedules/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: ScheduledAccess;
  };
  /** Change a schedule; sessions that stood on what it gave no longer end. */
  "PATCH /api/v1/schedules/{id}": {
    path: { id: string };
    query: undefined;
    body: ScheduledAccessChange;
    answer: ScheduledAccess;
  };
  /** Cancel a schedule: it is kept, and opens nothing any more; sessions that stood on it alone end. */
  "DELETE /api/v1/schedules/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Sessions, newest first. */
  "GET /api/v1/sessions": {
    path: undefined;
    query: { active?: boolean; limit?: number; cursor?: string };
    body: undefined;
    answer: List_Session;
  };
  /** One session. */
  "GET /api/v1/sessions/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Session;
  };
  /** End a session: one's own, or anybody's for an admin. */
  "DELETE /api/v1/sessions/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** The caller's targets, by name. */
  "GET /api/v1/targets": {
    path: undefined;
    query: { q?: string; limit?: number; cursor?: string };
    body: undefined;
    answer: List_GrantedTarget;
  };
  /** One of the caller's targets. */
  "GET /api/v1/targets/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: GrantedTarget;
  };
  /** Tell the hub how long a shell took to open. Where the hub tells no collector (`traces` of `/api/v1/auth/me`), nothing comes of it. */
  "POST /api/v1/traces": {
    path: undefined;
    query: undefined;
    body: Opening;
    answer: undefined;
  };
}

// Generated from openapi.json by `npm run generate`. Do not edit.

export type AuditLog = {
  id: string;
  session_id: string;
  user_id: string;
  user: string;
  target_id: string;
  target: string;
  zone_id: string;
  zone: string;
  credential_id?: string | null;
  start_time: string;
  end_time?: string | null;
  bytes_sent: number;
  bytes_received: number;
  session_status: SessionStatus;
  client_ip?: string | null;
  error_message?: string | null;
  recording_path?: string | null;
  created_at: string;
};

export type Credential = {
  id: string;
  target_id: string;
  target: string;
  username: string;
  kind: CredentialKind;
  vault_secret_path: string;
  description?: string | null;
  enabled: boolean;
  created_at: string;
  updated_at: string;
};

export type CredentialChoice = {
  id: string;
  username: string;
};

export type CredentialKind = "password" | "private_key";

export type Grant = {
  id: string;
  user_id?: string | null;
  user?: string | null;
  group_id?: string | null;
  group?: string | null;
  target_id?: string | null;
  target?: string | null;
  zone_id?: string | null;
  zone?: string | null;
  created_at: string;
  created_by?: string | null;
};

export type GrantedTarget = {
  id: string;
  name: string;
  protocol: Protocol;
  zone_id: string;
  zone: string;
  description?: string | null;
  reachable: boolean;
  credentials: CredentialChoice[];
};

export type Group = {
  id: string;
  name: string;
  description?: string | null;
  members: string[];
  created_at: string;
};

export type HostKey = {
  algorithm: string;
  fingerprint: string;
  pinned_at: string;
};

export type List_AuditLog = {
  items: AuditLog[];
  next?: string | null;
};

export type List_Credential = {
  items: Credential[];
  next?: string | null;
};

export type List_Grant = {
  items: Grant[];
  next?: string | null;
};

export type List_GrantedTarget = {
  items: GrantedTarget[];
  next?: string | null;
};

export type List_Group = {
  items: Group[];
  next?: string | null;
};

export type List_Recording = {
  items: Recording[];
  next?: string | null;
};

export type List_Satellite = {
  items: Satellite[];
  next?: string | null;
};

export type List_Session = {
  items: Session[];
  next?: string | null;
};

export type List_Target = {
  items: Target[];
  next?: string | null;
};

export type List_Token = {
  items: Token[];
  next?: string | null;
};

export type List_User = {
  items: User[];
  next?: string | null;
};

export type List_Zone = {
  items: Zone[];
  next?: string | null;
};

export type Login = {
  username: string;
  password: string;
};

export type Me = {
  id: string;
  username: string;
  email?: string | null;
  display_name?: string | null;
  role: Role;
  last_login_at?: string | null;
};

export type NewCredential = {
  target_id: string;
  username: string;
  password?: string | null;
  private_key?: string | null;
  description?: string | null;
};

export type NewGrant = {
  user_id?: string | null;
  group_id?: string | null;
  target_id?: string | null;
  zone_id?: string | null;
};

export type NewGroup = {
  name: string;
  description?: string | null;
};

export type NewTarget = {
  zone_id: string;
  name: string;
  hostname: string;
  protocol: Protocol;
  port: number;
  description?: string | null;
};

export type NewToken = {
  zone_id: string;
  lifetime_seconds?: number | null;
};

export type NewUser = {
  username: string;
  password: string;
  role: Role;
  email?: string | null;
  display_name?: string | null;
};

export type NewZone = {
  name: string;
  type?: ZoneType;
  description?: string | null;
};

export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  field?: string | null;
};

export type Protocol = "ssh" | "rdp";

export type Recording = {
  session_id: string;
  user_id: string;
  user: string;
  target_id: string;
  target: string;
  zone: string;
  start_time: string;
  end_time?: string | null;
  duration_ms: number;
  size_bytes: number;
  complete: boolean;
};

export type Role = "admin" | "auditor" | "user";

export type Satellite = {
  id: string;
  zone_id: string;
  zone: string;
  name: string;
  state: SatelliteState;
  transport?: Transport | null;
  last_seen?: string | null;
  version?: string | null;
  rtt_ms?: number | null;
  joined_at: string;
  certificate_expires_at?: string | null;
  sessions: number;
};

export type SatelliteState = "online" | "offline" | "revoked" | "quarantined";

export type Session = {
  id: string;
  user_id: string;
  user: string;
  target_id: string;
  target: string;
  zone_id: string;
  zone: string;
  credential_id?: string | null;
  username?: string | null;
  start_time: string;
  end_time?: string | null;
  status: SessionStatus;
  attached: boolean;
  client_ip?: string | null;
};

export type SessionStatus = "active" | "completed" | "failed" | "terminated";

export type ShownToken = Token & {
  token: string;
  command: string;
};

export type Switch = {
  enabled: boolean;
};

export type Target = {
  id: string;
  zone_id: string;
  zone: string;
  name: string;
  hostname: string;
  protocol: Protocol;
  port: number;
  description?: string | null;
  enabled: boolean;
  host_keys: HostKey[];
  created_at: string;
  updated_at: string;
};

export type Token = {
  id: string;
  zone_id: string;
  zone: string;
  state: TokenState;
  expires_at: string;
  created_at: string;
  created_by?: string | null;
  used_at?: string | null;
  satellite_id?: string | null;
};

export type TokenState = "unused" | "used" | "expired" | "revoked";

export type Transport = "quic" | "tcp";

export type User = {
  id: string;
  username: string;
  email?: string | null;
  display_name?: string | null;
  role: Role;
  enabled: boolean;
  entra_id: string;
  created_at: string;
  updated_at: string;
  last_login_at?: string | null;
};

export type Zone = {
  id: string;
  name: string;
  type: ZoneType;
  description?: string | null;
  enabled: boolean;
  created_at: string;
  updated_at: string;
  satellite?: ZoneSatellite | null;
};

export type ZoneSatellite = {
  id: string;
  state: SatelliteState;
  transport?: Transport | null;
  last_seen?: string | null;
};

export type ZoneType = "hub" | "satellite";

export interface Operations {
  "POST /api/v1/auth/login": {
    path: undefined;
    query: undefined;
    body: Login;
    answer: Me;
  };
  "GET /api/v1/auth/me": {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: Me;
  };
  "POST /api/v1/auth/logout": {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  "GET /api/v1/targets": {
    path: undefined;
    query: { q?: string; limit?: number; cursor?: string };
    body: undefined;
    answer: List_GrantedTarget;
  };
  "GET /api/v1/targets/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: GrantedTarget;
  };
  "GET /api/v1/sessions": {
    path: undefined;
    query: { active?: boolean; limit?: number; cursor?: string };
    body: undefined;
    answer: List_Session;
  };
  "GET /api/v1/sessions/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Session;
  };
  "DELETE /api/v1/sessions/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  "GET /api/v1/recordings": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_Recording;
  };
  "GET /api/v1/recordings/{session_id}/text": {
    path: { session_id: string };
    query: undefined;
    body: undefined;
    answer: string;
  };
  "GET /api/v1/recordings/{session_id}/cast": {
    path: { session_id: string };
    query: undefined;
    body: undefined;
    answer: string;
  };
  "GET /api/v1/audit": {
    path: undefined;
    query: { user_id?: string; target_id?: string; status?: SessionStatus; from?: string; to?: string; limit?: number; cursor?: string };
    body: undefined;
    answer: List_AuditLog;
  };
  "GET /api/v1/admin/zones": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_Zone;
  };
  "POST /api/v1/admin/zones": {
    path: undefined;
    query: undefined;
    body: NewZone;
    answer: Zone;
  };
  "GET /api/v1/admin/zones/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Zone;
  };
  "PATCH /api/v1/admin/zones/{id}": {
    path: { id: string };
    query: undefined;
    body: Switch;
    answer: Zone;
  };
  "GET /api/v1/admin/targets": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_Target;
  };
  "POST /api/v1/admin/targets": {
    path: undefined;
    query: undefined;
    body: NewTarget;
    answer: Target;
  };
  "GET /api/v1/admin/targets/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Target;
  };
  "PATCH /api/v1/admin/targets/{id}": {
    path: { id: string };
    query: undefined;
    body: Switch;
    answer: Target;
  };
  "GET /api/v1/admin/credentials": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_Credential;
  };
  "POST /api/v1/admin/credentials": {
    path: undefined;
    query: undefined;
    body: NewCredential;
    answer: Credential;
  };
  "GET /api/v1/admin/credentials/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Credential;
  };
  "PATCH /api/v1/admin/credentials/{id}": {
    path: { id: string };
    query: undefined;
    body: Switch;
    answer: Credential;
  };
  "GET /api/v1/admin/users": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_User;
  };
  "POST /api/v1/admin/users": {
    path: undefined;
    query: undefined;
    body: NewUser;
    answer: User;
  };
  "GET /api/v1/admin/users/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: User;
  };
  "PATCH /api/v1/admin/users/{id}": {
    path: { id: string };
    query: undefined;
    body: Switch;
    answer: User;
  };
  "GET /api/v1/admin/groups": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_Group;
  };
  "POST /api/v1/admin/groups": {
    path: undefined;
    query: undefined;
    body: NewGroup;
    answer: Group;
  };
  "GET /api/v1/admin/groups/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Group;
  };
  "GET /api/v1/admin/grants": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_Grant;
  };
  "POST /api/v1/admin/grants": {
    path: undefined;
    query: undefined;
    body: NewGrant;
    answer: Grant;
  };
  "GET /api/v1/admin/grants/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Grant;
  };
  "DELETE /api/v1/admin/grants/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  "GET /api/v1/admin/satellites": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_Satellite;
  };
  "GET /api/v1/admin/satellites/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Satellite;
  };
  "GET /api/v1/admin/tokens": {
    path: undefined;
    query: { limit?: number; cursor?: string };
    body: undefined;
    answer: List_Token;
  };
  "POST /api/v1/admin/tokens": {
    path: undefined;
    query: undefined;
    body: NewToken;
    answer: ShownToken;
  };
  "GET /api/v1/admin/tokens/{id}": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: Token;
  };
  "PUT /api/v1/admin/groups/{id}/members/{user_id}": {
    path: { id: string; user_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  "DELETE /api/v1/admin/groups/{id}/members/{user_id}": {
    path: { id: string; user_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  "POST /api/v1/admin/satellites/{id}/revoke": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  "POST /api/v1/admin/tokens/{id}/revoke": {
    path: { id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
}

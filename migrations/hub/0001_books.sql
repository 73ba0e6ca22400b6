-- The specification's tables for zones, targets, credentials, users and sessions; columns below the line
-- "ours" are additions. Deleting what is referenced is never done by the hub: rows are disabled.

CREATE TABLE zones (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    name VARCHAR(255) NOT NULL UNIQUE,
    type VARCHAR(50) NOT NULL CHECK (type IN ('hub', 'satellite')),
    description TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    -- ours
    enabled BOOLEAN NOT NULL DEFAULT true
);

CREATE TABLE targets (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    zone_id UUID NOT NULL REFERENCES zones(id) ON DELETE RESTRICT,
    name VARCHAR(255) NOT NULL,
    hostname VARCHAR(255) NOT NULL,
    protocol VARCHAR(50) NOT NULL CHECK (protocol IN ('ssh', 'rdp')),
    port INTEGER NOT NULL CHECK (port > 0 AND port <= 65535),
    description TEXT,
    enabled BOOLEAN DEFAULT true,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    UNIQUE(zone_id, name)
);

CREATE TABLE credentials (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    target_id UUID NOT NULL REFERENCES targets(id) ON DELETE CASCADE,
    username VARCHAR(255) NOT NULL,
    vault_secret_path VARCHAR(500) NOT NULL,
    description TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    -- ours
    kind VARCHAR(50) NOT NULL CHECK (kind IN ('password', 'private_key')),
    enabled BOOLEAN NOT NULL DEFAULT true,
    UNIQUE(target_id, username)
);

CREATE TABLE users (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    entra_id VARCHAR(255) NOT NULL UNIQUE,
    email VARCHAR(255) NOT NULL UNIQUE,
    display_name VARCHAR(255),
    enabled BOOLEAN DEFAULT true,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    last_login_at TIMESTAMP WITH TIME ZONE,
    -- ours
    username VARCHAR(255) NOT NULL UNIQUE CHECK (username = lower(username)),
    role VARCHAR(50) NOT NULL DEFAULT 'user' CHECK (role IN ('admin', 'auditor', 'user')),
    password_hash TEXT,
    password_changed_at TIMESTAMP WITH TIME ZONE
);

CREATE TABLE audit_logs (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES users(id) ON DELETE RESTRICT,
    target_id UUID NOT NULL REFERENCES targets(id) ON DELETE RESTRICT,
    credential_id UUID REFERENCES credentials(id) ON DELETE SET NULL,
    start_time TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    end_time TIMESTAMP WITH TIME ZONE,
    bytes_sent BIGINT DEFAULT 0,
    bytes_received BIGINT DEFAULT 0,
    session_status VARCHAR(50) CHECK (session_status IN ('active', 'completed', 'failed', 'terminated')),
    client_ip VARCHAR(45),
    error_message TEXT,
    recording_path VARCHAR(500),
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    -- ours: why it ended (a code of the wire contract), and which satellite owned it
    end_code VARCHAR(50),
    satellite_id UUID
);

CREATE INDEX idx_targets_zone_id ON targets(zone_id);
CREATE INDEX idx_targets_enabled ON targets(enabled);
CREATE INDEX idx_credentials_target_id ON credentials(target_id);
CREATE INDEX idx_audit_logs_user_id ON audit_logs(user_id);
CREATE INDEX idx_audit_logs_target_id ON audit_logs(target_id);
CREATE INDEX idx_audit_logs_start_time ON audit_logs(start_time DESC);
CREATE INDEX idx_audit_logs_status ON audit_logs(session_status);
CREATE INDEX idx_users_entra_id ON users(entra_id);
CREATE INDEX idx_users_email ON users(email);
CREATE INDEX idx_audit_logs_satellite_active ON audit_logs(satellite_id) WHERE end_time IS NULL;

-- A session's row is frozen once it is closed; only its recording may be named afterwards, once.
CREATE FUNCTION audit_logs_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed audit_logs;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'audit_logs: rows are never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.end_time IS NULL AND (NEW.recording_path IS NOT DISTINCT FROM OLD.recording_path OR OLD.recording_path IS NULL)
       AND NEW.id = OLD.id AND NEW.user_id = OLD.user_id AND NEW.target_id = OLD.target_id
       AND NEW.created_at IS NOT DISTINCT FROM OLD.created_at THEN
        RETURN NEW;
    END IF;
    allowed := OLD;
    IF OLD.recording_path IS NULL THEN
        allowed.recording_path := NEW.recording_path;
    END IF;
    IF NEW IS DISTINCT FROM allowed THEN
        RAISE EXCEPTION 'audit_logs: this session is closed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER audit_logs_freeze BEFORE UPDATE OR DELETE ON audit_logs
    FOR EACH ROW EXECUTE FUNCTION audit_logs_freeze();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: rows are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER audit_logs_keep BEFORE TRUNCATE ON audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

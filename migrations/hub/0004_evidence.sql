-- What happened: the append-only chain of events, and the recordings.

-- The one row that says which installation this is. The epoch is raised when it is restored from a backup.
CREATE TABLE installation (
    one BOOLEAN PRIMARY KEY DEFAULT true CHECK (one),
    id UUID NOT NULL,
    epoch BIGINT NOT NULL DEFAULT 1 CHECK (epoch > 0),
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW()
);
INSERT INTO installation (id) VALUES (gen_random_uuid());

-- One chain per node (hub instance or satellite), without a hole from 1 on.
CREATE TABLE audit_events (
    node_id UUID NOT NULL,
    seq BIGINT NOT NULL CHECK (seq > 0),
    prev_hash BYTEA NOT NULL CHECK (octet_length(prev_hash) = 32),
    hash BYTEA NOT NULL CHECK (octet_length(hash) = 32),
    kind VARCHAR(100) NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    user_id UUID,
    session_id UUID,
    -- exactly the bytes that were hashed: JSON of a hub, CBOR of a satellite
    body BYTEA NOT NULL,
    PRIMARY KEY (node_id, seq)
);
CREATE INDEX idx_audit_events_received_at ON audit_events(received_at DESC);
CREATE INDEX idx_audit_events_session_id ON audit_events(session_id);

CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_events_keep BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What of a session's recording has arrived.
CREATE TABLE recordings (
    session_id UUID PRIMARY KEY REFERENCES audit_logs(id) ON DELETE RESTRICT,
    path VARCHAR(500) NOT NULL,
    chunks BIGINT NOT NULL DEFAULT 0 CHECK (chunks >= 0),
    size_bytes BIGINT NOT NULL DEFAULT 0 CHECK (size_bytes >= 0),
    duration_ms BIGINT NOT NULL DEFAULT 0 CHECK (duration_ms >= 0),
    head_hash BYTEA NOT NULL CHECK (octet_length(head_hash) = 32),
    complete BOOLEAN NOT NULL DEFAULT false,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW()
);

-- Satellites, how they join, and what is known of the targets' host keys.

CREATE TABLE satellites (
    id UUID PRIMARY KEY,
    zone_id UUID NOT NULL REFERENCES zones(id) ON DELETE RESTRICT,
    name VARCHAR(255) NOT NULL,
    -- SHA-256 of the SubjectPublicKeyInfo of its own key
    key_sha256 BYTEA NOT NULL CHECK (octet_length(key_sha256) = 32),
    version VARCHAR(100),
    transport VARCHAR(50) CHECK (transport IN ('quic', 'tcp')),
    joined_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    last_seen TIMESTAMP WITH TIME ZONE,
    certificate_serial BYTEA,
    certificate_expires_at TIMESTAMP WITH TIME ZONE,
    quarantined_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE
);
-- A zone has one living satellite.
CREATE UNIQUE INDEX satellites_one_per_zone ON satellites(zone_id) WHERE revoked_at IS NULL;
-- A living key is one satellite; a revoked one may come back with a new token, as a new satellite.
CREATE UNIQUE INDEX satellites_one_per_key ON satellites(key_sha256) WHERE revoked_at IS NULL;

ALTER TABLE audit_logs ADD CONSTRAINT audit_logs_satellite_id_fkey
    FOREIGN KEY (satellite_id) REFERENCES satellites(id) ON DELETE RESTRICT;

-- Only the hash of a token's secret is kept. It belongs to the first key that used it.
CREATE TABLE join_tokens (
    id UUID PRIMARY KEY,
    zone_id UUID NOT NULL REFERENCES zones(id) ON DELETE RESTRICT,
    secret_hash BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    created_by UUID REFERENCES users(id) ON DELETE SET NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    used_at TIMESTAMP WITH TIME ZONE,
    bound_key_sha256 BYTEA,
    satellite_id UUID REFERENCES satellites(id) ON DELETE RESTRICT
);
CREATE INDEX idx_join_tokens_zone_id ON join_tokens(zone_id);

-- Pinned at the first successful dial; the satellite compares.
CREATE TABLE host_keys (
    target_id UUID NOT NULL REFERENCES targets(id) ON DELETE CASCADE,
    algorithm VARCHAR(100) NOT NULL,
    -- one line of OpenSSH's public key format, without a comment
    public_key TEXT NOT NULL,
    fingerprint VARCHAR(100) NOT NULL,
    pinned_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (target_id, algorithm)
);

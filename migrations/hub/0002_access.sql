-- Who may open what, and who is signed in.

CREATE TABLE groups (
    id UUID PRIMARY KEY,
    name VARCHAR(255) NOT NULL UNIQUE,
    description TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW()
);

CREATE TABLE group_members (
    group_id UUID NOT NULL REFERENCES groups(id) ON DELETE CASCADE,
    user_id UUID NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX idx_group_members_user_id ON group_members(user_id);

-- One subject (user or group), one object (target or zone).
CREATE TABLE grants (
    id UUID PRIMARY KEY,
    user_id UUID REFERENCES users(id) ON DELETE CASCADE,
    group_id UUID REFERENCES groups(id) ON DELETE CASCADE,
    target_id UUID REFERENCES targets(id) ON DELETE CASCADE,
    zone_id UUID REFERENCES zones(id) ON DELETE CASCADE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    created_by UUID REFERENCES users(id) ON DELETE SET NULL,
    CONSTRAINT grants_one_subject CHECK (num_nonnulls(user_id, group_id) = 1),
    CONSTRAINT grants_one_object CHECK (num_nonnulls(target_id, zone_id) = 1),
    CONSTRAINT grants_unique UNIQUE NULLS NOT DISTINCT (user_id, group_id, target_id, zone_id)
);
CREATE INDEX idx_grants_user_id ON grants(user_id);
CREATE INDEX idx_grants_group_id ON grants(group_id);
CREATE INDEX idx_grants_target_id ON grants(target_id);
CREATE INDEX idx_grants_zone_id ON grants(zone_id);

-- A signed-in browser. Only the hash of its cookie is kept.
CREATE TABLE sign_in_sessions (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    token_hash BYTEA NOT NULL UNIQUE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    last_used_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    client_ip VARCHAR(45)
);
CREATE INDEX idx_sign_in_sessions_user_id ON sign_in_sessions(user_id);
CREATE INDEX idx_sign_in_sessions_expires_at ON sign_in_sessions(expires_at);

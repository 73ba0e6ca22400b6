-- On whose clocks a site works: a name of the IANA database.
ALTER TABLE zones
    ADD COLUMN timezone VARCHAR(100) NOT NULL DEFAULT 'UTC';

-- The specification's schedules: each that is not cancelled gives one user one target, in its windows alone. Beside it:
-- what is left out of a rule, the terms that grants have, and when the status that is written here changes next.
CREATE TABLE schedules (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    target_id UUID NOT NULL REFERENCES targets (id) ON DELETE CASCADE,
    start_time TIMESTAMPTZ NOT NULL,
    end_time TIMESTAMPTZ NOT NULL CHECK (end_time > start_time),
    recurrence_rule VARCHAR(500),
    timezone VARCHAR(100) NOT NULL DEFAULT 'UTC',
    exceptions TIMESTAMPTZ[] NOT NULL DEFAULT '{}',
    status VARCHAR(50) NOT NULL CHECK (status IN ('pending', 'active', 'expired', 'cancelled')),
    next_change TIMESTAMPTZ,
    max_session_seconds INTEGER CHECK (max_session_seconds BETWEEN 60 AND 2678400),
    idle_seconds INTEGER CHECK (idle_seconds BETWEEN 60 AND 2678400),
    consent TEXT CHECK (length(consent) BETWEEN 1 AND 4000),
    created_by UUID REFERENCES users (id) ON DELETE SET NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    version BIGINT NOT NULL DEFAULT 1,
    metadata JSONB CHECK (jsonb_typeof(metadata) = 'object')
);
CREATE INDEX idx_schedules_user_id ON schedules (user_id);
CREATE INDEX idx_schedules_target_id ON schedules (target_id);
CREATE INDEX idx_schedules_status ON schedules (status);
CREATE INDEX idx_schedules_time_range ON schedules (start_time, end_time);
CREATE INDEX idx_schedules_next_change ON schedules (next_change) WHERE next_change IS NOT NULL;
CREATE INDEX idx_schedules_created_by ON schedules (created_by);

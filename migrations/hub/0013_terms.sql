-- The terms of a grant: how long a session may last, how long nothing may be typed, and what its user must agree to.
ALTER TABLE grants
    ADD COLUMN max_session_seconds INTEGER CHECK (max_session_seconds BETWEEN 60 AND 2678400),
    ADD COLUMN idle_seconds INTEGER CHECK (idle_seconds BETWEEN 60 AND 2678400),
    ADD COLUMN consent TEXT CHECK (length(consent) BETWEEN 1 AND 4000),
    ADD COLUMN updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

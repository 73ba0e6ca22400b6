-- For so many seconds a grant goes on at a site that has lost its hub; 0: not at all.
ALTER TABLE grants
    ADD COLUMN offline_seconds INTEGER NOT NULL DEFAULT 86400 CHECK (offline_seconds BETWEEN 0 AND 2419200);

-- What each zone decides by: numbered, signed, kept for sites that hold one of these, which are then sent what changed.
CREATE TABLE policy_snapshots (
    zone_id UUID NOT NULL REFERENCES zones(id) ON DELETE CASCADE,
    version BIGINT NOT NULL CHECK (version > 0),
    epoch BIGINT NOT NULL,
    -- Of the records, uncompressed.
    sha256 BYTEA NOT NULL CHECK (length(sha256) = 32),
    -- The whole of it as a site that holds nothing gets it, compressed.
    body BYTEA NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    PRIMARY KEY (zone_id, version)
);

-- Changes that no snapshot has yet: a row for each statement that concerns one, until those that saw it are issued.
CREATE TABLE policy_changes (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY);

CREATE FUNCTION note_policy_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO policy_changes DEFAULT VALUES;
    PERFORM pg_notify('openpam_policy', '');
    RETURN NULL;
END $$;
CREATE TRIGGER zones_policy AFTER INSERT OR DELETE OR UPDATE OF enabled, retired_at ON zones
    FOR EACH STATEMENT EXECUTE FUNCTION note_policy_change();
CREATE TRIGGER targets_policy AFTER INSERT OR DELETE OR UPDATE OF name, enabled, labels, zone_id, retired_at ON targets
    FOR EACH STATEMENT EXECUTE FUNCTION note_policy_change();
CREATE TRIGGER users_policy AFTER INSERT OR DELETE OR UPDATE OF username, enabled, retired_at ON users
    FOR EACH STATEMENT EXECUTE FUNCTION note_policy_change();
CREATE TRIGGER group_members_policy AFTER INSERT OR DELETE OR UPDATE ON group_members
    FOR EACH STATEMENT EXECUTE FUNCTION note_policy_change();
CREATE TRIGGER grants_policy AFTER INSERT OR DELETE OR UPDATE ON grants
    FOR EACH STATEMENT EXECUTE FUNCTION note_policy_change();

-- What a satellite said that it holds.
ALTER TABLE satellites
    ADD COLUMN policy_epoch BIGINT,
    ADD COLUMN policy_version BIGINT,
    ADD COLUMN policy_taken_at TIMESTAMPTZ;

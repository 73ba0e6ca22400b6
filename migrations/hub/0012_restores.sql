-- A backup that was restored: of when it was, and when that happened. Sites may be ahead of it.
ALTER TABLE installation
    ADD COLUMN backup_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN restored_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT installation_restored CHECK (num_nulls(backup_at, restored_at) <> 1);

-- Chunks of a recording that were lost with the books before: the site did not have them any more.
CREATE TABLE recording_gaps (
    session_id UUID NOT NULL REFERENCES recordings(session_id) ON DELETE RESTRICT,
    from_seq BIGINT NOT NULL CHECK (from_seq >= 0),
    until_seq BIGINT NOT NULL CHECK (until_seq > from_seq),
    noted_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (session_id, from_seq)
);
CREATE TRIGGER recording_gaps_append_only BEFORE UPDATE OR DELETE ON recording_gaps
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recording_gaps_keep BEFORE TRUNCATE ON recording_gaps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

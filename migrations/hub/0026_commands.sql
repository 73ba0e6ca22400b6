-- What satellites are ordered to do, until it is forgotten: it waits here while its site is away.
CREATE TABLE site_commands (
    id UUID PRIMARY KEY,
    satellite_id UUID NOT NULL REFERENCES satellites (id),
    kind TEXT NOT NULL CHECK (kind IN ('end', 'watch', 'diagnose', 'collect_logs')),
    -- The session that it is about.
    session_id UUID,
    ordered_by UUID NOT NULL REFERENCES users (id),
    ordered_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    expires_at TIMESTAMPTZ NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'sent', 'running', 'done', 'failed', 'expired', 'withdrawn')),
    percent SMALLINT NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100),
    step TEXT,
    -- Of one that is over.
    finished_at TIMESTAMPTZ,
    failed_code TEXT,
    message TEXT,
    findings JSONB NOT NULL DEFAULT '[]',
    -- What it collected, as it came: Zstandard.
    output BYTEA,
    CHECK ((finished_at IS NULL) = (state IN ('waiting', 'sent', 'running')))
);
CREATE INDEX site_commands_unfinished ON site_commands (satellite_id) WHERE finished_at IS NULL;
CREATE INDEX site_commands_of_satellite ON site_commands (satellite_id, id);

-- Whichever hub has the satellite's tunnel sends it, or says that it is not wanted any more.
CREATE FUNCTION note_command() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('openpam_commands', NEW.satellite_id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER site_commands_new AFTER INSERT ON site_commands FOR EACH ROW EXECUTE FUNCTION note_command();
CREATE TRIGGER site_commands_stopped AFTER UPDATE OF state ON site_commands
    FOR EACH ROW WHEN (NEW.state IN ('withdrawn', 'expired')) EXECUTE FUNCTION note_command();

-- What programs of others are told over the bus, until it has taken it: the events of sessions, schedules and users, by
-- their id. Events are never deleted, so nothing needs to refer to them.
CREATE TABLE bus_outbox (event_id BIGINT PRIMARY KEY);

CREATE FUNCTION note_public_event() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO bus_outbox (event_id) VALUES (NEW.id);
    PERFORM pg_notify('openpam_bus', '');
    RETURN NULL;
END $$;
CREATE TRIGGER audit_events_public AFTER INSERT ON audit_events
    FOR EACH ROW WHEN (NEW.kind ~ '^(session|schedule|user)\.[a-z_]+$') EXECUTE FUNCTION note_public_event();

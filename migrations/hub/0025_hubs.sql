-- The hub instances that are there: each keeps its own row, by the database's clock. By it they know of each other, and their
-- satellites of all of them.
CREATE TABLE hub_instances (
    id UUID PRIMARY KEY,
    -- Where satellites reach it: host:port.
    addresses TEXT[] NOT NULL,
    version TEXT NOT NULL,
    -- The mark of the place where its recordings lie; absent: not known yet.
    recordings UUID,
    started_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    seen_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
);

CREATE FUNCTION note_hub_instance() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('openpam_hubs', '');
    RETURN NULL;
END $$;
-- Its beats are not told, only that it came, went, began anew, or is reached elsewhere.
CREATE TRIGGER hub_instances_came_or_went AFTER INSERT OR DELETE ON hub_instances
    FOR EACH ROW EXECUTE FUNCTION note_hub_instance();
CREATE TRIGGER hub_instances_moved AFTER UPDATE ON hub_instances
    FOR EACH ROW
    WHEN (OLD.addresses IS DISTINCT FROM NEW.addresses OR OLD.started_at IS DISTINCT FROM NEW.started_at)
    EXECUTE FUNCTION note_hub_instance();

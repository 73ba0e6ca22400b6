-- How a desktop is opened, besides its address; absent: as is usual. A shell has none of it.
ALTER TABLE targets
    ADD COLUMN desktop JSONB CHECK (desktop IS NULL OR (protocol <> 'ssh' AND jsonb_typeof(desktop) = 'object'));

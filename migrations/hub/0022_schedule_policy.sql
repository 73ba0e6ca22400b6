-- Schedules are part of what each zone decides by, and go on at a site that has lost its hub for so long as grants do.
ALTER TABLE schedules
    ADD COLUMN offline_seconds INTEGER NOT NULL DEFAULT 86400 CHECK (offline_seconds BETWEEN 0 AND 2419200);

-- Whoever changes one counts its version; where it stands is written without, and concerns no zone.
CREATE TRIGGER schedules_policy AFTER INSERT OR DELETE OR UPDATE OF version ON schedules
    FOR EACH STATEMENT EXECUTE FUNCTION note_policy_change();

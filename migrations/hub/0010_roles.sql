-- What the roles may that use the books beside the one that owns them: the hub, and whoever verifies. Called by the
-- owner after every migration. Nobody but the owner can change or delete what is evidence.
CREATE PROCEDURE give_rights(hub TEXT, verifier TEXT) LANGUAGE plpgsql AS $$
DECLARE
    place CONSTANT TEXT := current_schema();
    only_added REGCLASS;
BEGIN
    -- Hubs that start together do this one after the other.
    PERFORM pg_advisory_xact_lock(hashtextextended('give_rights', 0));
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', place, hub);
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM %I', place, hub);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I', place, hub);
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO %I', place, hub);
    FOR only_added IN SELECT tgrelid FROM pg_trigger WHERE tgname LIKE '%\_append\_only' LOOP
        EXECUTE format('REVOKE UPDATE, DELETE ON %s FROM %I', only_added, hub);
    END LOOP;
    EXECUTE format('REVOKE DELETE ON audit_logs, recordings FROM %I', hub);
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON installation, _sqlx_migrations FROM %I', hub);
    IF verifier IS NOT NULL THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', place, verifier);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I', place, verifier);
    END IF;
END $$;

-- By which key a snapshot is signed: what a former one signed is issued anew. Absent: by one from before there were others.
ALTER TABLE policy_snapshots
    ADD COLUMN key BYTEA CHECK (length(key) = 32),
    -- By this a site goes on with what it has the beginning of.
    ADD COLUMN body_sha256 BYTEA CHECK (length(body_sha256) = 32),
    -- As it is signed: a site that was away for longer opens nothing by it.
    ADD COLUMN longest_offline_seconds BIGINT;
UPDATE policy_snapshots SET body_sha256 = sha256(body);
ALTER TABLE policy_snapshots ALTER COLUMN body_sha256 SET NOT NULL;

-- What a satellite said last of itself, to be shown while nobody can ask it.
ALTER TABLE satellites
    ADD COLUMN spool_bytes BIGINT,
    ADD COLUMN events_waiting BIGINT,
    ADD COLUMN policy_refused TEXT;

-- Reports on outages: each site's oldest first, over the sessions that it had meanwhile.
DROP INDEX outages_pending;
CREATE INDEX outages_pending ON outages (satellite_id, id) WHERE sessions IS NULL;
CREATE INDEX audit_logs_satellite ON audit_logs (satellite_id, start_time);

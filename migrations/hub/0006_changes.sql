-- What admins keep can be changed and deleted. What is referenced by the books is retired instead: disabled, hidden, kept.

-- `version` counts the changes of a row, so that of two admins who edit it the second one is told.
ALTER TABLE zones
    ADD COLUMN version BIGINT NOT NULL DEFAULT 1,
    ADD COLUMN retired_at TIMESTAMP WITH TIME ZONE CHECK (retired_at IS NULL OR NOT enabled);
ALTER TABLE targets
    ADD COLUMN version BIGINT NOT NULL DEFAULT 1,
    ADD COLUMN retired_at TIMESTAMP WITH TIME ZONE CHECK (retired_at IS NULL OR NOT enabled);
ALTER TABLE credentials
    ADD COLUMN version BIGINT NOT NULL DEFAULT 1,
    ADD COLUMN retired_at TIMESTAMP WITH TIME ZONE CHECK (retired_at IS NULL OR NOT enabled);
ALTER TABLE users
    ADD COLUMN version BIGINT NOT NULL DEFAULT 1,
    ADD COLUMN retired_at TIMESTAMP WITH TIME ZONE CHECK (retired_at IS NULL OR NOT enabled);
ALTER TABLE groups
    ADD COLUMN version BIGINT NOT NULL DEFAULT 1,
    ADD COLUMN updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW();

-- Names are unique among what is not retired: a machine that was replaced may leave its name to the next one.
ALTER TABLE zones DROP CONSTRAINT zones_name_key;
CREATE UNIQUE INDEX zones_name_key ON zones(name) WHERE retired_at IS NULL;
ALTER TABLE targets DROP CONSTRAINT targets_zone_id_name_key;
CREATE UNIQUE INDEX targets_zone_id_name_key ON targets(zone_id, name) WHERE retired_at IS NULL;
ALTER TABLE credentials DROP CONSTRAINT credentials_target_id_username_key;
CREATE UNIQUE INDEX credentials_target_id_username_key ON credentials(target_id, username) WHERE retired_at IS NULL;
ALTER TABLE users DROP CONSTRAINT users_username_key;
CREATE UNIQUE INDEX users_username_key ON users(username) WHERE retired_at IS NULL;
ALTER TABLE users DROP CONSTRAINT users_email_key;
CREATE UNIQUE INDEX users_email_key ON users(email) WHERE retired_at IS NULL;

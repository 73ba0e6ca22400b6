-- Times in which a site was without its hub, as it said when it was back, and what came of them: which decisions it made there
-- that the policy of the moment of its return would have made differently.
CREATE TABLE outages (
    id UUID PRIMARY KEY,
    -- The satellite's own event.
    event_id UUID NOT NULL UNIQUE,
    satellite_id UUID NOT NULL REFERENCES satellites(id) ON DELETE CASCADE,
    since TIMESTAMPTZ NOT NULL,
    until TIMESTAMPTZ NOT NULL CHECK (until >= since),
    -- By which it decided meanwhile, and the newest at its return.
    policy_version BIGINT,
    newest_version BIGINT,
    -- How many sessions it had meanwhile; NULL until the report is made.
    sessions INTEGER,
    -- At most a thousand; how many there were.
    differences JSONB NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(differences) = 'array'),
    difference_count INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX outages_satellite ON outages (satellite_id, id);
CREATE INDEX outages_pending ON outages (id) WHERE sessions IS NULL;

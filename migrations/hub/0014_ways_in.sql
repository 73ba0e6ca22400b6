-- The host key that a target showed last instead of the known ones: an admin accepts it, or not.
CREATE TABLE offered_host_keys (
    target_id UUID PRIMARY KEY REFERENCES targets(id) ON DELETE CASCADE,
    algorithm VARCHAR(100) NOT NULL,
    public_key TEXT NOT NULL,
    fingerprint VARCHAR(100) NOT NULL,
    offered_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW()
);

-- Old gear, by an admin's word: algorithms that are not safe any more.
ALTER TABLE targets ADD COLUMN old_algorithms BOOLEAN NOT NULL DEFAULT false;

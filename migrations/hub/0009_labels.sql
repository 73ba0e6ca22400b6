-- Labels of targets, each `key=value`, and grants that name one instead of a target or a zone.
ALTER TABLE targets ADD COLUMN labels TEXT[] NOT NULL DEFAULT '{}' CHECK (cardinality(labels) <= 32);
CREATE INDEX idx_targets_labels ON targets USING GIN (labels);

ALTER TABLE grants
    ADD COLUMN label VARCHAR(127),
    DROP CONSTRAINT grants_one_object,
    ADD CONSTRAINT grants_one_object CHECK (num_nonnulls(target_id, zone_id, label) = 1),
    DROP CONSTRAINT grants_unique,
    ADD CONSTRAINT grants_unique UNIQUE NULLS NOT DISTINCT (user_id, group_id, target_id, zone_id, label);
CREATE INDEX idx_grants_label ON grants(label);

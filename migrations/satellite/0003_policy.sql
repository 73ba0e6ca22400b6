-- The facts of the zone's policy, as the hub wrote them. What was signed of them, and by which keys it may be, stands in
-- `meta`.
CREATE TABLE policy (
    key BLOB PRIMARY KEY CHECK (length(key) = 17),
    body BLOB NOT NULL
) WITHOUT ROWID, STRICT;

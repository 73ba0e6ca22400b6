-- What a satellite must not lose: living sessions, events and recording chunks that the hub does not have yet.
-- Ids and hashes are raw bytes. Times are milliseconds since 1970 UTC.

-- Sessions that were opened and have not ended. A row found at start is one that a crash cut off.
CREATE TABLE sessions (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL CHECK (length(user_id) = 16),
    target_id BLOB NOT NULL CHECK (length(target_id) = 16),
    credential_id BLOB CHECK (length(credential_id) = 16),
    opened_at_ms INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- Audit events until the hub's receipt.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    body BLOB NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;

-- The newest link of the event chain: it goes on here after rows of the outbox were deleted.
CREATE TABLE chain (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL CHECK (seq >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
INSERT INTO chain (one, seq, hash) VALUES (1, 0, zeroblob(32));

-- Recordings of which something is still here: where their chain of chunks goes on.
CREATE TABLE recordings (
    session_id BLOB PRIMARY KEY CHECK (length(session_id) = 16),
    next_seq INTEGER NOT NULL CHECK (next_seq > 0),
    head BLOB NOT NULL CHECK (length(head) = 32),
    until_ms INTEGER NOT NULL,
    complete INTEGER NOT NULL CHECK (complete IN (0, 1))
) WITHOUT ROWID, STRICT;

-- Segment files of the spool, and up to which byte their records stand in the index below.
CREATE TABLE segments (
    id INTEGER PRIMARY KEY,
    indexed_bytes INTEGER NOT NULL CHECK (indexed_bytes >= 0)
) STRICT;

-- Where each chunk lies that the hub does not have yet.
CREATE TABLE spool (
    session_id BLOB NOT NULL REFERENCES recordings(session_id),
    seq INTEGER NOT NULL CHECK (seq >= 0),
    segment INTEGER NOT NULL REFERENCES segments(id),
    offset INTEGER NOT NULL CHECK (offset >= 0),
    length INTEGER NOT NULL CHECK (length > 0),
    last INTEGER NOT NULL CHECK (last IN (0, 1)),
    PRIMARY KEY (session_id, seq)
) WITHOUT ROWID, STRICT;
CREATE INDEX spool_segment ON spool(segment);

-- Single facts, such as the key that recordings are sealed to.
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID, STRICT;

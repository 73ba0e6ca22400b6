-- What each hub instance has signed about how far all chains of events were: a chain of its own. Satellites hold the
-- newest links, so that the books cannot be set back without being noticed.
CREATE TABLE audit_witnesses (
    hub_id UUID NOT NULL,
    seq BIGINT NOT NULL CHECK (seq > 0),
    prev_hash BYTEA NOT NULL CHECK (octet_length(prev_hash) = 32),
    hash BYTEA NOT NULL CHECK (octet_length(hash) = 32),
    -- CBOR, exactly the bytes that were hashed
    body BYTEA NOT NULL,
    signature BYTEA NOT NULL CHECK (octet_length(signature) = 64),
    PRIMARY KEY (hub_id, seq)
);
CREATE TRIGGER audit_witnesses_append_only BEFORE UPDATE OR DELETE ON audit_witnesses
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_witnesses_keep BEFORE TRUNCATE ON audit_witnesses
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

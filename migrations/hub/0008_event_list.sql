-- The events of all nodes in one list, in the order in which they arrived.
ALTER TABLE audit_events ADD COLUMN id BIGINT GENERATED ALWAYS AS IDENTITY;
CREATE UNIQUE INDEX audit_events_id_key ON audit_events(id);
CREATE INDEX idx_audit_events_user_id ON audit_events(user_id, id);
CREATE INDEX idx_audit_events_kind ON audit_events(kind, id);

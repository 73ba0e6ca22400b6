-- A third way to open a target.
ALTER TABLE targets DROP CONSTRAINT targets_protocol_check;
ALTER TABLE targets ADD CONSTRAINT targets_protocol_check CHECK (protocol IN ('ssh', 'rdp', 'vnc'));

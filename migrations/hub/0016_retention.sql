-- How long a zone's recordings are kept. Of one that is deleted the row stays, and says what there was.
ALTER TABLE zones
    ADD COLUMN retention_days INTEGER CHECK (retention_days BETWEEN 1 AND 36500),
    ADD COLUMN legal_hold BOOLEAN NOT NULL DEFAULT false;
-- `deleted_at`: nobody can read it any more. `emptied_at`: nor is anything of it in the store of recordings.
ALTER TABLE recordings
    ADD COLUMN deleted_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN emptied_at TIMESTAMP WITH TIME ZONE CHECK (emptied_at IS NULL OR deleted_at IS NOT NULL);
CREATE INDEX idx_recordings_kept ON recordings (session_id) WHERE deleted_at IS NULL;
CREATE INDEX idx_recordings_to_empty ON recordings (deleted_at) WHERE deleted_at IS NOT NULL AND emptied_at IS NULL;

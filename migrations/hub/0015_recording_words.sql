-- The words that a complete recording printed, each as a keyed hash: it can be found by them, and nothing of it is here
-- in the clear. `whole` is false where a recording has more words than are kept, or could not be read.
CREATE TABLE recording_words (
    session_id UUID PRIMARY KEY REFERENCES recordings(session_id) ON DELETE CASCADE,
    words BIGINT[] NOT NULL,
    whole BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW()
);
CREATE INDEX idx_recording_words ON recording_words USING GIN (words) WITH (fastupdate = off);
CREATE INDEX idx_recordings_complete ON recordings (session_id) WHERE complete;

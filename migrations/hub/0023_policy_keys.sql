-- By which key a snapshot is signed: what a former one signed is issued anew. Absent: by one from before there were others.
ALTER TABLE policy_snapshots
    ADD COLUMN key BYTEA CHECK (length(key) = 32);

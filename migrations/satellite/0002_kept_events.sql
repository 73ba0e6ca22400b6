-- Events stay for a while after the hub's receipt, in case that the hub is restored from a backup: up to which one
-- there is a receipt.
ALTER TABLE chain ADD COLUMN receipt INTEGER NOT NULL DEFAULT 0 CHECK (receipt >= 0);

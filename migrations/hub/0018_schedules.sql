-- When a grant holds: a window, once or by a rule (RFC 5545), on the clocks of a time zone. Without it, always.
ALTER TABLE grants
    ADD COLUMN schedule JSONB CHECK (jsonb_typeof(schedule) = 'object');

-- How satellites stay joined: generations of renewals, readmission, quarantine.

ALTER TABLE satellites
    -- of the last certificate; 0: the one from joining
    ADD COLUMN renewal_generation BIGINT NOT NULL DEFAULT 0 CHECK (renewal_generation >= 0),
    -- with which the last renewal was asked for; the same pair gets the same certificate again
    ADD COLUMN renewal_nonce BYTEA CHECK (octet_length(renewal_nonce) = 16),
    -- leaf first, DER
    ADD COLUMN certificate_chain BYTEA[],
    -- an admin released it from quarantine: its next renewal is taken as it is
    ADD COLUMN renewal_released BOOLEAN NOT NULL DEFAULT FALSE,
    -- it was away for longer than readmit_days and came back
    ADD COLUMN readmission_asked_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN readmission_until TIMESTAMP WITH TIME ZONE,
    -- why its tunnel does not use QUIC, in its own words
    ADD COLUMN transport_note VARCHAR(500);

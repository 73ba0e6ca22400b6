-- What may pass between a desktop and the computer of whoever uses it: text each way, and files each way.
ALTER TABLE grants
    ADD COLUMN clipboard_copy BOOLEAN NOT NULL DEFAULT true,
    ADD COLUMN clipboard_paste BOOLEAN NOT NULL DEFAULT true,
    ADD COLUMN file_download BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN file_upload BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE schedules
    ADD COLUMN clipboard_copy BOOLEAN NOT NULL DEFAULT true,
    ADD COLUMN clipboard_paste BOOLEAN NOT NULL DEFAULT true,
    ADD COLUMN file_download BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN file_upload BOOLEAN NOT NULL DEFAULT false;

ALTER TABLE exchanges ADD COLUMN cache_write_1h_tokens INTEGER NOT NULL DEFAULT 0 CHECK (cache_write_1h_tokens >= 0);
ALTER TABLE exchanges ADD COLUMN audio_input_tokens INTEGER NOT NULL DEFAULT 0 CHECK (audio_input_tokens >= 0);
ALTER TABLE exchanges ADD COLUMN image_input_tokens INTEGER NOT NULL DEFAULT 0 CHECK (image_input_tokens >= 0);
ALTER TABLE exchanges ADD COLUMN audio_output_tokens INTEGER NOT NULL DEFAULT 0 CHECK (audio_output_tokens >= 0);

-- The id that the answer itself has. Such ids come in no order: an index of their own would more than double the cost
-- of an insert. Beside a key and its times they are found by reading that index alone, newest first.
ALTER TABLE exchanges ADD COLUMN answer_id TEXT;
DROP INDEX exchanges_by_key;
CREATE INDEX exchanges_by_key ON exchanges (key_id, started_at_ms, answer_id);

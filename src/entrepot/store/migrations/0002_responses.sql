-- Responses that clients asked the hub to keep. `bytes` stands before what it measures, so that adding it up
-- reads none of that. Ids begin with their time: the order of ids is that of making.
CREATE TABLE responses (
    key_id TEXT NOT NULL,
    id TEXT NOT NULL,
    previous_id TEXT,
    model TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    input TEXT NOT NULL,
    response TEXT NOT NULL,
    PRIMARY KEY (key_id, id)
) STRICT;

CREATE INDEX responses_by_previous ON responses (key_id, previous_id) WHERE previous_id IS NOT NULL;
CREATE INDEX responses_by_expiry ON responses (expires_at_ms);

-- Which response holds an output item that a later input refers to.
CREATE TABLE response_items (
    key_id TEXT NOT NULL,
    id TEXT NOT NULL,
    response_id TEXT NOT NULL,
    PRIMARY KEY (key_id, id),
    FOREIGN KEY (key_id, response_id) REFERENCES responses (key_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX response_items_by_response ON response_items (key_id, response_id);

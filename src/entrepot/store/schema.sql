-- The schema as the migrations leave it; a test compares the two.
-- Times are Unix milliseconds in UTC; token counts follow entrepot.conversation.Usage.

CREATE TABLE organisations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
    id TEXT PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'developer', 'viewer', 'billing')),
    created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('live', 'test')),
    scopes TEXT NOT NULL,
    models TEXT,
    digest BLOB NOT NULL,
    previous_digest BLOB,
    previous_until_ms INTEGER,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,
    disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1))
) STRICT;

CREATE TABLE exchanges (
    request_id TEXT PRIMARY KEY,
    started_at_ms INTEGER NOT NULL,
    key_id TEXT,
    mode TEXT NOT NULL,
    dialect TEXT NOT NULL,
    asked TEXT NOT NULL,
    model TEXT,
    provider TEXT,
    offered TEXT,
    answered TEXT,
    stream INTEGER NOT NULL CHECK (stream IN (0, 1)),
    status INTEGER NOT NULL,
    error_code TEXT,
    finish TEXT,
    attempts INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL CHECK (input_tokens >= 0),
    cached_tokens INTEGER NOT NULL CHECK (cached_tokens >= 0),
    cache_write_tokens INTEGER NOT NULL CHECK (cache_write_tokens >= 0),
    output_tokens INTEGER NOT NULL CHECK (output_tokens >= 0),
    reasoning_tokens INTEGER NOT NULL CHECK (reasoning_tokens >= 0),
    estimated INTEGER NOT NULL CHECK (estimated IN (0, 1)),
    ttft_ms INTEGER,
    duration_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX exchanges_by_time ON exchanges (started_at_ms);
CREATE INDEX exchanges_by_key ON exchanges (key_id, started_at_ms);

-- Bumped by the triggers, so that a running hub sees what another process changed.
CREATE TABLE generations (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;

CREATE TRIGGER keys_inserted AFTER INSERT ON keys BEGIN
    UPDATE generations SET value = value + 1 WHERE name = 'keys';
END;
CREATE TRIGGER keys_updated AFTER UPDATE ON keys BEGIN
    UPDATE generations SET value = value + 1 WHERE name = 'keys';
END;
CREATE TRIGGER keys_deleted AFTER DELETE ON keys BEGIN
    UPDATE generations SET value = value + 1 WHERE name = 'keys';
END;

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

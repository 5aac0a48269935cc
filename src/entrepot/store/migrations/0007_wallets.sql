-- What each meter had its share in: {"input": [units, nano-USD], ...}.
ALTER TABLE exchanges ADD COLUMN lines TEXT;
CREATE INDEX exchanges_by_organisation ON exchanges (organisation_id, started_at_ms);

CREATE TABLE vouchers (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    digest BLOB NOT NULL UNIQUE,
    amount_nusd INTEGER NOT NULL CHECK (amount_nusd > 0),
    note TEXT,
    actor TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,
    redeemed_at_ms INTEGER,
    redeemed_by TEXT REFERENCES organisations (id)
) STRICT;

-- What was answered under an Idempotency-Key, of which only the digest is kept.
CREATE TABLE answers (
    organisation_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    request BLOB NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX answers_by_time ON answers (at_ms);

-- Organisations whose balance is below the threshold, and the notices of it. One without `done_at_ms` is still to go out.
CREATE TABLE low_balances (
    organisation_id TEXT PRIMARY KEY REFERENCES organisations (id),
    since_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE notices (
    id TEXT PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    body TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at_ms INTEGER NOT NULL,
    done_at_ms INTEGER,
    failure TEXT
) STRICT;

CREATE INDEX notices_to_send ON notices (next_at_ms) WHERE done_at_ms IS NULL;

-- The schema as the migrations leave it; a test compares the two.
-- Times are Unix milliseconds in UTC; token counts follow entrepot.conversation.Usage.

CREATE TABLE organisations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    payment TEXT NOT NULL DEFAULT 'postpaid' CHECK (payment IN ('prepaid', 'postpaid')),
    credit_nusd INTEGER CHECK (credit_nusd >= 0),
    house INTEGER NOT NULL DEFAULT 0 CHECK (house IN (0, 1)),
    plan TEXT
) STRICT;

CREATE UNIQUE INDEX organisations_with_one_house ON organisations (house) WHERE house = 1;

-- Removed members stay: keys, exchanges and the audit log name them.
CREATE TABLE members (
    id TEXT PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'developer', 'viewer', 'billing')),
    created_at_ms INTEGER NOT NULL,
    email TEXT,
    password TEXT,
    removed_at_ms INTEGER
) STRICT;

CREATE UNIQUE INDEX members_by_email ON members (email, organisation_id) WHERE removed_at_ms IS NULL;
CREATE INDEX members_by_organisation ON members (organisation_id);

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
    disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    member_id TEXT REFERENCES members (id),
    project TEXT,
    ancestors TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX keys_by_member ON keys (member_id) WHERE member_id IS NOT NULL;

-- Deleted keys that others had made: what they have used still counts for those.
CREATE TABLE former_keys (
    id TEXT PRIMARY KEY,
    ancestors TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER keys_remembered AFTER DELETE ON keys WHEN old.ancestors <> '' BEGIN
    INSERT INTO former_keys (id, ancestors) VALUES (old.id, old.ancestors);
END;

-- `lines` is what each meter had its share in: {"input": [units, nano-USD], ...}.
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
    duration_ms INTEGER NOT NULL,
    organisation_id TEXT,
    member_id TEXT,
    project TEXT,
    charge_nusd INTEGER CHECK (charge_nusd >= 0),
    debt_nusd INTEGER CHECK (debt_nusd >= 0),
    cache_write_1h_tokens INTEGER NOT NULL DEFAULT 0 CHECK (cache_write_1h_tokens >= 0),
    audio_input_tokens INTEGER NOT NULL DEFAULT 0 CHECK (audio_input_tokens >= 0),
    image_input_tokens INTEGER NOT NULL DEFAULT 0 CHECK (image_input_tokens >= 0),
    audio_output_tokens INTEGER NOT NULL DEFAULT 0 CHECK (audio_output_tokens >= 0),
    answer_id TEXT,
    lines TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX exchanges_by_time ON exchanges (started_at_ms);
CREATE INDEX exchanges_by_key ON exchanges (key_id, started_at_ms, answer_id);
CREATE INDEX exchanges_by_organisation ON exchanges (organisation_id, started_at_ms);

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

-- One entry a row, one account a column; see entrepot.ledger. Together its postings are zero, or it is refused.
CREATE TABLE ledger (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    organisation_id TEXT NOT NULL,
    provider TEXT,
    wallet_nusd INTEGER NOT NULL,
    reserved_nusd INTEGER NOT NULL,
    revenue_nusd INTEGER NOT NULL,
    cost_nusd INTEGER NOT NULL,
    payable_nusd INTEGER NOT NULL,
    grants_nusd INTEGER NOT NULL,
    funding_nusd INTEGER NOT NULL,
    losses_nusd INTEGER NOT NULL,
    actor TEXT,
    note TEXT,
    CHECK (wallet_nusd + reserved_nusd + revenue_nusd + cost_nusd + payable_nusd + grants_nusd + funding_nusd
           + losses_nusd = 0)
) STRICT;

-- Whatever goes wrong, an exchange is charged once.
CREATE UNIQUE INDEX ledger_closes_once ON ledger (reference) WHERE kind NOT IN ('reserve', 'attempt');
CREATE INDEX ledger_by_organisation ON ledger (organisation_id, seq) WHERE kind <> 'reserve';
CREATE INDEX ledger_movements ON ledger (seq) WHERE kind IN ('topup', 'grant', 'voucher', 'refund', 'correction');

CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger BEGIN
    SELECT raise(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_is_not_cut BEFORE DELETE ON ledger BEGIN
    SELECT raise(ABORT, 'the ledger is append-only');
END;

-- Exchanges under way, each as it is known so far. A row left over is what a crash has cut off.
CREATE TABLE reservations (
    reference TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    organisation_id TEXT NOT NULL,
    amount_nusd INTEGER NOT NULL CHECK (amount_nusd >= 0),
    exchange TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Sums of the ledger up to and with `seq`, so that a start need not add up everything.
CREATE TABLE balances (
    organisation_id TEXT PRIMARY KEY,
    wallet_nusd INTEGER NOT NULL,
    seq INTEGER NOT NULL
) STRICT;

CREATE TABLE rules (
    id TEXT PRIMARY KEY,
    subject TEXT NOT NULL CHECK (subject IN ('organisation', 'member', 'key', 'model')),
    subject_id TEXT NOT NULL,
    model TEXT,
    requests_per_minute INTEGER CHECK (requests_per_minute >= 0),
    tokens_per_minute INTEGER CHECK (tokens_per_minute >= 0),
    requests_per_day INTEGER CHECK (requests_per_day >= 0),
    tokens_per_day INTEGER CHECK (tokens_per_day >= 0),
    concurrency INTEGER CHECK (concurrency >= 0),
    day_nusd INTEGER CHECK (day_nusd >= 0),
    week_nusd INTEGER CHECK (week_nusd >= 0),
    month_nusd INTEGER CHECK (month_nusd >= 0),
    total_nusd INTEGER CHECK (total_nusd >= 0)
) STRICT;

CREATE UNIQUE INDEX rules_by_subject ON rules (subject, subject_id, coalesce(model, ''));

CREATE TRIGGER rules_inserted AFTER INSERT ON rules BEGIN
    UPDATE generations SET value = value + 1 WHERE name = 'money';
END;
CREATE TRIGGER rules_updated AFTER UPDATE ON rules BEGIN
    UPDATE generations SET value = value + 1 WHERE name = 'money';
END;
CREATE TRIGGER rules_deleted AFTER DELETE ON rules BEGIN
    UPDATE generations SET value = value + 1 WHERE name = 'money';
END;
CREATE TRIGGER organisations_updated AFTER UPDATE ON organisations BEGIN
    UPDATE generations SET value = value + 1 WHERE name = 'money';
END;

CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    email TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'developer', 'viewer', 'billing')),
    digest BLOB NOT NULL UNIQUE,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    UNIQUE (organisation_id, email)
) STRICT;

-- What a member sets a password with: one for each member, and once.
CREATE TABLE links (
    member_id TEXT PRIMARY KEY REFERENCES members (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('welcome', 'reset')),
    digest BLOB NOT NULL UNIQUE,
    expires_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    digest BLOB PRIMARY KEY,
    member_id TEXT NOT NULL REFERENCES members (id),
    created_at_ms INTEGER NOT NULL,
    seen_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_member ON sessions (member_id);

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    organisation_id TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT,
    after TEXT,
    request_id TEXT
) STRICT;

CREATE INDEX audit_by_organisation ON audit (organisation_id, seq);

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;

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

ALTER TABLE organisations ADD COLUMN payment TEXT NOT NULL DEFAULT 'postpaid' CHECK (payment IN ('prepaid', 'postpaid'));
ALTER TABLE organisations ADD COLUMN credit_nusd INTEGER CHECK (credit_nusd >= 0);

ALTER TABLE keys ADD COLUMN member_id TEXT REFERENCES members (id);
ALTER TABLE keys ADD COLUMN project TEXT;

ALTER TABLE exchanges ADD COLUMN organisation_id TEXT;
ALTER TABLE exchanges ADD COLUMN member_id TEXT;
ALTER TABLE exchanges ADD COLUMN project TEXT;
ALTER TABLE exchanges ADD COLUMN charge_nusd INTEGER CHECK (charge_nusd >= 0);
ALTER TABLE exchanges ADD COLUMN debt_nusd INTEGER CHECK (debt_nusd >= 0);

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

INSERT INTO generations (name, value) VALUES ('money', 0);

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
CREATE TRIGGER ledger_moved AFTER INSERT ON ledger
WHEN new.kind IN ('topup', 'grant', 'voucher', 'refund', 'correction') BEGIN
    UPDATE generations SET value = value + 1 WHERE name = 'money';
END;

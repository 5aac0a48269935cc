ALTER TABLE organisations ADD COLUMN house INTEGER NOT NULL DEFAULT 0 CHECK (house IN (0, 1));
UPDATE organisations SET house = 1 WHERE id = (SELECT id FROM organisations ORDER BY created_at_ms, id LIMIT 1);
CREATE UNIQUE INDEX organisations_with_one_house ON organisations (house) WHERE house = 1;

-- Until now there was one organisation, and all that was done was done in it.
UPDATE exchanges SET organisation_id = (SELECT id FROM organisations WHERE house = 1) WHERE organisation_id IS NULL;

-- Removed members stay: keys, exchanges and the audit log name them.
ALTER TABLE members ADD COLUMN email TEXT;
ALTER TABLE members ADD COLUMN password TEXT;
ALTER TABLE members ADD COLUMN removed_at_ms INTEGER;
CREATE UNIQUE INDEX members_by_email ON members (email, organisation_id) WHERE removed_at_ms IS NULL;
CREATE INDEX members_by_organisation ON members (organisation_id);

ALTER TABLE keys ADD COLUMN ancestors TEXT NOT NULL DEFAULT '';
CREATE INDEX keys_by_member ON keys (member_id) WHERE member_id IS NOT NULL;

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

-- Deleted keys that others had made: what they have used still counts for those.
CREATE TABLE former_keys (
    id TEXT PRIMARY KEY,
    ancestors TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER keys_remembered AFTER DELETE ON keys WHEN old.ancestors <> '' BEGIN
    INSERT INTO former_keys (id, ancestors) VALUES (old.id, old.ancestors);
END;

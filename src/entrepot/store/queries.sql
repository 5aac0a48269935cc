-- Every statement the hub runs, by name. Parameters are named; values are never spliced in.

-- name: insert_organisation
INSERT INTO organisations (id, name, created_at_ms) VALUES (:id, :name, :created_at_ms);

-- name: insert_member
INSERT INTO members (id, organisation_id, name, role, created_at_ms)
VALUES (:id, :organisation_id, :name, :role, :created_at_ms);

-- name: owner
SELECT id, organisation_id, name, role, created_at_ms FROM members
WHERE role = 'owner' ORDER BY created_at_ms LIMIT 1;

-- name: keys
SELECT id, organisation_id, name, mode, scopes, models, digest, previous_digest, previous_until_ms,
       created_at_ms, expires_at_ms, disabled
FROM keys ORDER BY created_at_ms, id;

-- name: insert_key
INSERT INTO keys (id, organisation_id, name, mode, scopes, models, digest, previous_digest, previous_until_ms,
                  created_at_ms, expires_at_ms, disabled)
VALUES (:id, :organisation_id, :name, :mode, :scopes, :models, :digest, :previous_digest, :previous_until_ms,
        :created_at_ms, :expires_at_ms, :disabled);

-- name: update_key
UPDATE keys SET name = :name, scopes = :scopes, models = :models, digest = :digest,
    previous_digest = :previous_digest, previous_until_ms = :previous_until_ms,
    expires_at_ms = :expires_at_ms, disabled = :disabled
WHERE id = :id RETURNING id;

-- name: delete_key
DELETE FROM keys WHERE id = :id RETURNING id;

-- name: keys_generation
SELECT value FROM generations WHERE name = 'keys';

-- name: insert_exchange
INSERT INTO exchanges (request_id, started_at_ms, key_id, mode, dialect, asked, model, provider, offered, answered,
                       stream, status, error_code, finish, attempts, input_tokens, cached_tokens,
                       cache_write_tokens, output_tokens, reasoning_tokens, estimated, ttft_ms, duration_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: exchanges
SELECT request_id, started_at_ms, key_id, mode, dialect, asked, model, provider, offered, answered,
       stream, status, error_code, finish, attempts, input_tokens, cached_tokens,
       cache_write_tokens, output_tokens, reasoning_tokens, estimated, ttft_ms, duration_ms
FROM exchanges
WHERE started_at_ms >= :from_ms AND started_at_ms < :until_ms AND (:key_id IS NULL OR key_id = :key_id)
ORDER BY started_at_ms DESC, request_id DESC LIMIT :limit;

-- name: usage
SELECT coalesce(model, asked) AS model, key_id, mode,
       count(*) AS requests, sum(status >= 400) AS failed,
       sum(input_tokens) AS input_tokens, sum(cached_tokens) AS cached_tokens,
       sum(cache_write_tokens) AS cache_write_tokens, sum(output_tokens) AS output_tokens,
       sum(reasoning_tokens) AS reasoning_tokens, sum(estimated) AS estimated,
       CAST(avg(ttft_ms) AS INTEGER) AS mean_ttft_ms, CAST(avg(duration_ms) AS INTEGER) AS mean_duration_ms
FROM exchanges
WHERE started_at_ms >= :from_ms AND started_at_ms < :until_ms AND (:key_id IS NULL OR key_id = :key_id)
GROUP BY 1, 2, 3 ORDER BY requests DESC, 1, 2, 3;

-- name: insert_response
INSERT INTO responses (key_id, id, previous_id, model, created_at_ms, expires_at_ms, bytes, input, response)
VALUES (:key_id, :id, :previous_id, :model, :created_at_ms, :expires_at_ms, :bytes, :input, :response);

-- name: insert_response_items
INSERT OR REPLACE INTO response_items (key_id, id, response_id)
SELECT :key_id, value, :response_id FROM json_each(:ids);

-- name: response_chain
WITH RECURSIVE chain AS (
    SELECT 0 AS depth, responses.* FROM responses
    WHERE key_id = :key_id AND id = :id AND expires_at_ms > :now_ms
    UNION ALL
    SELECT depth + 1, earlier.* FROM chain JOIN responses AS earlier
    ON earlier.key_id = chain.key_id AND earlier.id = chain.previous_id
)
SELECT key_id, id, previous_id, model, created_at_ms, expires_at_ms, input, response FROM chain ORDER BY depth DESC;

-- name: response
SELECT key_id, id, previous_id, model, created_at_ms, expires_at_ms, input, response FROM responses
WHERE key_id = :key_id AND id = :id AND expires_at_ms > :now_ms;

-- name: responses_of_items
SELECT DISTINCT responses.key_id, responses.id, previous_id, model, created_at_ms, expires_at_ms, input, response
FROM response_items JOIN responses
ON responses.key_id = response_items.key_id AND responses.id = response_items.response_id
WHERE response_items.key_id = :key_id AND response_items.id IN (SELECT value FROM json_each(:ids))
    AND expires_at_ms > :now_ms;

-- name: delete_response
DELETE FROM responses WHERE key_id = :key_id AND id = :id AND expires_at_ms > :now_ms RETURNING id;

-- name: delete_expired_responses
-- An expired response stays as long as a later turn stands on it.
DELETE FROM responses WHERE rowid IN (
    SELECT rowid FROM responses
    WHERE expires_at_ms <= :now_ms AND NOT EXISTS (
        SELECT 1 FROM responses AS later WHERE later.key_id = responses.key_id AND later.previous_id = responses.id
    )
    LIMIT :limit
) RETURNING id;

-- name: delete_orphaned_responses
DELETE FROM responses WHERE rowid IN (
    SELECT rowid FROM responses WHERE key_id NOT IN (SELECT id FROM keys) LIMIT :limit
) RETURNING id;

-- name: delete_excess_responses
-- The oldest that the key has no room for.
DELETE FROM responses WHERE rowid IN (
    SELECT rowid FROM (
        SELECT rowid, id, sum(bytes) OVER (ORDER BY id DESC) AS total_bytes FROM responses WHERE key_id = :key_id
    ) WHERE total_bytes > :limit_bytes ORDER BY id LIMIT :limit
) RETURNING id;

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

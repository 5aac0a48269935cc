-- Every statement the hub runs, by name. Parameters are named; values are never spliced in.

-- name: organisations
SELECT id, name, created_at_ms, house FROM organisations ORDER BY created_at_ms, rowid;

-- name: organisation
SELECT id, name, created_at_ms, house FROM organisations WHERE id = :id;

-- name: insert_organisation
INSERT INTO organisations (id, name, created_at_ms, house) VALUES (:id, :name, :created_at_ms, :house);

-- name: update_organisation
UPDATE organisations SET name = :name WHERE id = :id;

-- name: members
SELECT id, organisation_id, name, role, created_at_ms, email, password IS NOT NULL AS has_password, removed_at_ms
FROM members WHERE organisation_id = :organisation_id AND removed_at_ms IS NULL ORDER BY created_at_ms, rowid;

-- name: member
SELECT id, organisation_id, name, role, created_at_ms, email, password IS NOT NULL AS has_password, removed_at_ms
FROM members WHERE id = :id AND removed_at_ms IS NULL;

-- name: insert_member
INSERT INTO members (id, organisation_id, name, role, created_at_ms, email)
VALUES (:id, :organisation_id, :name, :role, :created_at_ms, :email);

-- name: update_member
UPDATE members SET name = :name, email = :email, role = :role WHERE id = :id;

-- name: remove_member
UPDATE members SET removed_at_ms = :removed_at_ms, password = NULL WHERE id = :id;

-- name: plans
SELECT id, plan FROM organisations WHERE plan IS NOT NULL;

-- name: plan
SELECT plan FROM organisations WHERE id = :id;

-- name: set_plan
UPDATE organisations SET plan = :plan WHERE id = :id;

-- name: owner
SELECT members.id, organisation_id, members.name, role, members.created_at_ms, email,
       password IS NOT NULL AS has_password, removed_at_ms
FROM members JOIN organisations ON organisations.id = organisation_id
WHERE house = 1 AND role = 'owner' AND removed_at_ms IS NULL ORDER BY members.created_at_ms, members.rowid LIMIT 1;

-- name: credentials
SELECT id AS member_id, password FROM members
WHERE email = :email AND removed_at_ms IS NULL AND (:organisation_id IS NULL OR organisation_id = :organisation_id)
ORDER BY created_at_ms, rowid LIMIT 1;

-- name: password
SELECT password FROM members WHERE id = :id AND removed_at_ms IS NULL;

-- name: set_password
UPDATE members SET password = :password WHERE id = :id;

-- name: invitations
SELECT id, organisation_id, email, role, created_at_ms, expires_at_ms FROM invitations
WHERE organisation_id = :organisation_id ORDER BY created_at_ms, rowid;

-- name: invitation_by_digest
SELECT id, organisation_id, email, role, created_at_ms, expires_at_ms FROM invitations
WHERE digest = :digest AND expires_at_ms > :now_ms;

-- name: insert_invitation
INSERT INTO invitations (id, organisation_id, email, role, digest, created_at_ms, expires_at_ms)
VALUES (:id, :organisation_id, :email, :role, :digest, :created_at_ms, :expires_at_ms)
ON CONFLICT (organisation_id, email) DO UPDATE SET id = excluded.id, role = excluded.role, digest = excluded.digest,
    created_at_ms = excluded.created_at_ms, expires_at_ms = excluded.expires_at_ms;

-- name: delete_invitation
DELETE FROM invitations WHERE id = :id;

-- name: insert_link
INSERT INTO links (member_id, purpose, digest, expires_at_ms) VALUES (:member_id, :purpose, :digest, :expires_at_ms)
ON CONFLICT (member_id) DO UPDATE SET purpose = excluded.purpose, digest = excluded.digest,
    expires_at_ms = excluded.expires_at_ms;

-- name: link
SELECT member_id FROM links WHERE digest = :digest AND purpose = :purpose AND expires_at_ms > :now_ms;

-- name: delete_link
DELETE FROM links WHERE member_id = :member_id;

-- name: insert_session
INSERT INTO sessions (digest, member_id, created_at_ms, seen_at_ms, expires_at_ms)
VALUES (:digest, :member_id, :created_at_ms, :seen_at_ms, :expires_at_ms);

-- name: session
SELECT member_id, created_at_ms, seen_at_ms, expires_at_ms FROM sessions
WHERE digest = :digest AND expires_at_ms > :now_ms AND seen_at_ms > :idle_since_ms;

-- name: touch_session
UPDATE sessions SET seen_at_ms = :now_ms WHERE digest = :digest;

-- name: delete_session
DELETE FROM sessions WHERE digest = :digest;

-- name: delete_sessions_of_member
DELETE FROM sessions WHERE member_id = :member_id;

-- name: delete_ended_sessions
DELETE FROM sessions WHERE expires_at_ms <= :now_ms OR seen_at_ms <= :idle_since_ms;

-- name: insert_audit
INSERT INTO audit (at_ms, organisation_id, actor, action, subject, before, after, request_id)
VALUES (:at_ms, :organisation_id, :actor, :action, :subject, :before, :after, :request_id);

-- name: audit
SELECT seq, at_ms, organisation_id, actor, action, subject, before, after, request_id FROM audit
WHERE organisation_id = :organisation_id AND seq < :before_seq
  AND (:actor IS NULL OR actor = :actor) AND (:action IS NULL OR action = :action)
  AND (:subject IS NULL OR subject = :subject) AND at_ms >= :from_ms AND at_ms < :until_ms
ORDER BY seq DESC LIMIT :limit;

-- name: keys
SELECT id, organisation_id, name, mode, scopes, models, digest, previous_digest, previous_until_ms,
       created_at_ms, expires_at_ms, disabled, member_id, project, ancestors
FROM keys ORDER BY created_at_ms, id;

-- name: keys_of_organisation
SELECT id, organisation_id, name, mode, scopes, models, digest, previous_digest, previous_until_ms,
       created_at_ms, expires_at_ms, disabled, member_id, project, ancestors
FROM keys WHERE organisation_id = :organisation_id ORDER BY created_at_ms, id;

-- name: insert_key
INSERT INTO keys (id, organisation_id, name, mode, scopes, models, digest, previous_digest, previous_until_ms,
                  created_at_ms, expires_at_ms, disabled, member_id, project, ancestors)
VALUES (:id, :organisation_id, :name, :mode, :scopes, :models, :digest, :previous_digest, :previous_until_ms,
        :created_at_ms, :expires_at_ms, :disabled, :member_id, :project, :ancestors);

-- name: update_key
UPDATE keys SET name = :name, scopes = :scopes, models = :models, digest = :digest,
    previous_digest = :previous_digest, previous_until_ms = :previous_until_ms,
    expires_at_ms = :expires_at_ms, disabled = :disabled, project = :project
WHERE id = :id;

-- name: delete_key
DELETE FROM keys WHERE id = :id;

-- name: keys_generation
SELECT value FROM generations WHERE name = 'keys';

-- name: insert_exchange
INSERT INTO exchanges (request_id, started_at_ms, key_id, mode, dialect, asked, model, provider, offered, answered,
                       stream, status, error_code, finish, attempts, ttft_ms, duration_ms, organisation_id,
                       member_id, project, charge_nusd, debt_nusd, answer_id, lines, input_tokens, output_tokens,
                       cached_tokens, cache_write_tokens, cache_write_1h_tokens, reasoning_tokens,
                       audio_input_tokens, image_input_tokens, audio_output_tokens, estimated)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: exchanges
SELECT request_id, started_at_ms, key_id, mode, dialect, asked, model, provider, offered, answered,
       stream, status, error_code, finish, attempts, input_tokens, cached_tokens,
       cache_write_tokens, output_tokens, reasoning_tokens, estimated, ttft_ms, duration_ms,
       organisation_id, member_id, project, charge_nusd, debt_nusd, cache_write_1h_tokens,
       audio_input_tokens, image_input_tokens, audio_output_tokens, answer_id, lines
FROM exchanges
WHERE started_at_ms >= :from_ms AND started_at_ms < :until_ms AND (:key_id IS NULL OR key_id = :key_id)
ORDER BY started_at_ms DESC, request_id DESC LIMIT :limit;

-- name: timings
-- Of the newest exchanges only, so that a rare model costs no more than a busy one.
SELECT stream, output_tokens, ttft_ms, duration_ms FROM (
    SELECT * FROM exchanges WHERE started_at_ms >= :from_ms ORDER BY started_at_ms DESC LIMIT :among
) WHERE model = :model AND mode = 'live' AND status < 400 LIMIT :limit;

-- name: logs
SELECT request_id, started_at_ms, key_id, mode, dialect, asked, model, provider, offered, answered,
       stream, status, error_code, finish, attempts, input_tokens, cached_tokens,
       cache_write_tokens, output_tokens, reasoning_tokens, estimated, ttft_ms, duration_ms,
       organisation_id, member_id, project, charge_nusd, debt_nusd, cache_write_1h_tokens,
       audio_input_tokens, image_input_tokens, audio_output_tokens, answer_id, lines
FROM exchanges
WHERE organisation_id = :organisation_id AND started_at_ms >= :from_ms AND started_at_ms < :until_ms
  AND (started_at_ms, request_id) < (:before_ms, :before_id)
  AND (:member_id IS NULL OR member_id = :member_id) AND (:key_id IS NULL OR key_id = :key_id)
  AND (:project IS NULL OR project = :project) AND status >= :least_status AND status <= :most_status
  AND (:models IS NULL OR coalesce(model, asked) IN (SELECT value FROM json_each(:models)))
  AND (:mode IS NULL OR mode = :mode) AND (:provider IS NULL OR provider = :provider)
  AND (:error_code IS NULL OR error_code = :error_code)
ORDER BY started_at_ms DESC, request_id DESC LIMIT :limit;

-- name: logs_after
-- In the order in which they ended.
SELECT request_id, started_at_ms, key_id, mode, dialect, asked, model, provider, offered, answered,
       stream, status, error_code, finish, attempts, input_tokens, cached_tokens,
       cache_write_tokens, output_tokens, reasoning_tokens, estimated, ttft_ms, duration_ms,
       organisation_id, member_id, project, charge_nusd, debt_nusd, cache_write_1h_tokens,
       audio_input_tokens, image_input_tokens, audio_output_tokens, answer_id, lines
FROM exchanges
WHERE organisation_id = :organisation_id AND started_at_ms >= :from_ms AND started_at_ms < :until_ms
  AND (started_at_ms + duration_ms, request_id) > (:after_ms, :after_id)
  AND (:member_id IS NULL OR member_id = :member_id) AND (:key_id IS NULL OR key_id = :key_id)
  AND (:project IS NULL OR project = :project) AND status >= :least_status AND status <= :most_status
  AND (:models IS NULL OR coalesce(model, asked) IN (SELECT value FROM json_each(:models)))
  AND (:mode IS NULL OR mode = :mode) AND (:provider IS NULL OR provider = :provider)
  AND (:error_code IS NULL OR error_code = :error_code)
ORDER BY started_at_ms + duration_ms, request_id LIMIT :limit;

-- name: exchange_entries
-- A reservation and attempts are found by standing near the entry that closes the exchange: no index has them.
WITH closing AS (SELECT seq FROM ledger WHERE reference = :id AND kind NOT IN ('reserve', 'attempt'))
SELECT seq, kind, at_ms, provider, wallet_nusd, reserved_nusd, revenue_nusd, note FROM ledger
WHERE seq BETWEEN (SELECT seq - :before FROM closing) AND (SELECT seq + :after FROM closing)
  AND reference = :id AND organisation_id = :organisation_id
UNION ALL
SELECT seq, kind, at_ms, provider, wallet_nusd, reserved_nusd, revenue_nusd, note FROM ledger
WHERE reference = 'refund_' || :id AND kind NOT IN ('reserve', 'attempt') AND organisation_id = :organisation_id
ORDER BY seq;

-- name: offers_measured
-- Of the newest exchanges only.
SELECT provider, offered, count(*) AS requests, sum(status = 429 OR status >= 500) AS failed,
       CAST(percentile(ttft_ms, 50) AS INTEGER) AS p50_ttft_ms,
       CAST(percentile(duration_ms, 50) AS INTEGER) AS p50_duration_ms
FROM (SELECT * FROM exchanges WHERE started_at_ms >= :from_ms ORDER BY started_at_ms DESC LIMIT :among)
WHERE mode = 'live' AND provider IS NOT NULL AND offered IS NOT NULL GROUP BY 1, 2;

-- name: exchange
SELECT request_id, started_at_ms, key_id, mode, dialect, asked, model, provider, offered, answered,
       stream, status, error_code, finish, attempts, input_tokens, cached_tokens,
       cache_write_tokens, output_tokens, reasoning_tokens, estimated, ttft_ms, duration_ms,
       organisation_id, member_id, project, charge_nusd, debt_nusd, cache_write_1h_tokens,
       audio_input_tokens, image_input_tokens, audio_output_tokens, answer_id, lines
FROM exchanges
WHERE organisation_id = :organisation_id AND (:member_id IS NULL OR member_id = :member_id)
    AND (:key_id IS NULL OR key_id = :key_id) AND request_id = coalesce(
    (SELECT request_id FROM exchanges WHERE request_id = :id),
    (SELECT request_id FROM exchanges INDEXED BY exchanges_by_key
     WHERE key_id IN (SELECT id FROM keys WHERE organisation_id = :organisation_id AND (:key_id IS NULL OR id = :key_id))
       AND started_at_ms >= :from_ms AND answer_id = :id
     ORDER BY started_at_ms DESC LIMIT 1)
);

-- name: spent
SELECT coalesce(sum(charge_nusd), 0) AS total_nusd,
       coalesce(sum(charge_nusd) FILTER (WHERE started_at_ms >= :day_ms), 0) AS day_nusd,
       coalesce(sum(charge_nusd) FILTER (WHERE started_at_ms >= :week_ms), 0) AS week_nusd,
       coalesce(sum(charge_nusd) FILTER (WHERE started_at_ms >= :month_ms), 0) AS month_nusd
FROM exchanges WHERE key_id = :key_id;

-- name: usage
-- By the columns that are asked for. The others are null.
SELECT CASE WHEN :by_model THEN coalesce(model, asked) END AS model, CASE WHEN :by_key THEN key_id END AS key_id,
       CASE WHEN :by_mode THEN mode END AS mode, CASE WHEN :by_member THEN member_id END AS member_id,
       CASE WHEN :by_project THEN project END AS project,
       CASE WHEN :by_day THEN strftime('%Y-%m-%d', started_at_ms / 1000, 'unixepoch') END AS day,
       CASE WHEN :by_hour THEN strftime('%Y-%m-%dT%H:00:00Z', started_at_ms / 1000, 'unixepoch') END AS hour,
       CASE WHEN :by_minute THEN strftime('%Y-%m-%dT%H:%M:00Z', started_at_ms / 1000, 'unixepoch') END AS minute,
       count(*) AS requests, sum(status >= 400) AS failed,
       sum(input_tokens) AS input_tokens, sum(cached_tokens) AS cached_tokens,
       sum(cache_write_tokens) AS cache_write_tokens, sum(cache_write_1h_tokens) AS cache_write_1h_tokens,
       sum(audio_input_tokens) AS audio_input_tokens, sum(image_input_tokens) AS image_input_tokens,
       sum(output_tokens) AS output_tokens, sum(reasoning_tokens) AS reasoning_tokens,
       sum(audio_output_tokens) AS audio_output_tokens, sum(estimated) AS estimated, sum(charge_nusd) AS charge_nusd,
       CAST(avg(ttft_ms) AS INTEGER) AS mean_ttft_ms, CAST(percentile(ttft_ms, 50) AS INTEGER) AS p50_ttft_ms,
       CAST(percentile(ttft_ms, 95) AS INTEGER) AS p95_ttft_ms, CAST(avg(duration_ms) AS INTEGER) AS mean_duration_ms,
       CAST(percentile(duration_ms, 50) AS INTEGER) AS p50_duration_ms,
       CAST(percentile(duration_ms, 95) AS INTEGER) AS p95_duration_ms
FROM exchanges
WHERE started_at_ms >= :from_ms AND started_at_ms < :until_ms AND (:key_id IS NULL OR key_id = :key_id)
  AND (:organisation_id IS NULL OR organisation_id = :organisation_id)
  AND (:member_id IS NULL OR member_id = :member_id) AND (:mode IS NULL OR mode = :mode)
  AND (:project IS NULL OR project = :project)
  AND (:models IS NULL OR coalesce(model, asked) IN (SELECT value FROM json_each(:models)))
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY day, hour, minute, charge_nusd DESC, requests DESC, 1, 2, 3, 4, 5;

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

-- name: insert_entry
INSERT INTO ledger (kind, reference, at_ms, organisation_id, provider, wallet_nusd, reserved_nusd, revenue_nusd,
                    cost_nusd, payable_nusd, grants_nusd, funding_nusd, losses_nusd, actor, note)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: insert_reservation
INSERT INTO reservations (reference, at_ms, organisation_id, amount_nusd, exchange)
VALUES (?, ?, ?, ?, ?);

-- name: update_reservation
UPDATE reservations SET exchange = :exchange WHERE reference = :reference;

-- name: delete_reservations
DELETE FROM reservations WHERE reference IN (SELECT value FROM json_each(:references));

-- name: reservations
SELECT reference, at_ms, organisation_id, amount_nusd, exchange FROM reservations ORDER BY reference;

-- name: balances
SELECT organisation_id, sum(wallet_nusd) AS wallet_nusd, max(seq) AS seq FROM (
    SELECT organisation_id, wallet_nusd, seq FROM balances
    UNION ALL
    SELECT organisation_id, wallet_nusd, seq FROM ledger WHERE seq > (SELECT coalesce(max(seq), 0) FROM balances)
) GROUP BY 1;

-- name: keep_balances
INSERT OR REPLACE INTO balances (organisation_id, wallet_nusd, seq)
SELECT organisation_id, sum(wallet_nusd), (SELECT coalesce(max(seq), 0) FROM ledger) FROM (
    SELECT organisation_id, wallet_nusd FROM balances
    UNION ALL
    SELECT organisation_id, wallet_nusd FROM ledger WHERE seq > (SELECT coalesce(max(seq), 0) FROM balances)
) GROUP BY 1;

-- name: movements
SELECT * FROM ledger WHERE seq > :after_seq AND kind IN ('topup', 'grant', 'voucher', 'refund', 'correction')
ORDER BY seq;

-- name: credits
SELECT coalesce(sum(wallet_nusd), 0) AS nusd FROM ledger
WHERE organisation_id = :organisation_id AND kind IN ('topup', 'grant', 'voucher', 'refund', 'correction');

-- name: entries
SELECT * FROM ledger WHERE seq > :after_seq AND (:organisation_id IS NULL OR organisation_id = :organisation_id)
ORDER BY seq LIMIT :limit;

-- name: terms
SELECT id, payment, credit_nusd FROM organisations;

-- name: update_terms
UPDATE organisations SET payment = :payment, credit_nusd = :credit_nusd WHERE id = :id;

-- name: money_generation
-- The triggers' count of other changes, and the number of the newest movement: both only rise.
SELECT value + (
    SELECT coalesce(max(seq), 0) FROM ledger WHERE kind IN ('topup', 'grant', 'voucher', 'refund', 'correction')
) AS value FROM generations WHERE name = 'money';

-- name: rules
SELECT id, subject, subject_id, model, requests_per_minute, tokens_per_minute, requests_per_day, tokens_per_day,
       concurrency, day_nusd, week_nusd, month_nusd, total_nusd
FROM rules ORDER BY id;

-- name: rules_of_subject
SELECT id, subject, subject_id, model, requests_per_minute, tokens_per_minute, requests_per_day, tokens_per_day,
       concurrency, day_nusd, week_nusd, month_nusd, total_nusd
FROM rules WHERE subject = :subject AND subject_id = :id ORDER BY model;

-- name: put_rule
INSERT OR REPLACE INTO rules (id, subject, subject_id, model, requests_per_minute, tokens_per_minute, requests_per_day,
                              tokens_per_day, concurrency, day_nusd, week_nusd, month_nusd, total_nusd)
VALUES (:id, :subject, :subject_id, :model, :requests_per_minute, :tokens_per_minute, :requests_per_day,
        :tokens_per_day, :concurrency, :day_nusd, :week_nusd, :month_nusd, :total_nusd);

-- name: delete_rule
DELETE FROM rules WHERE id = :id;

-- name: used
-- Of one subject, read by its index where it has one.
WITH called AS (
    SELECT input_tokens, output_tokens, charge_nusd, attempts, error_code, model FROM exchanges
    WHERE started_at_ms >= :from_ms AND organisation_id = :organisation
    UNION ALL
    SELECT input_tokens, output_tokens, charge_nusd, attempts, error_code, model FROM exchanges
    WHERE started_at_ms >= :from_ms AND key_id IN (
        SELECT :key UNION SELECT id FROM (SELECT id, ancestors FROM keys UNION ALL SELECT id, ancestors FROM former_keys)
        WHERE ' ' || ancestors || ' ' LIKE '% ' || :key || ' %')
    UNION ALL
    SELECT input_tokens, output_tokens, charge_nusd, attempts, error_code, model FROM exchanges
    WHERE started_at_ms >= :from_ms AND coalesce(:organisation, :key) IS NULL
      AND (:member IS NULL OR member_id = :member)
)
SELECT count(*) AS requests, coalesce(sum(input_tokens + output_tokens), 0) AS tokens,
       coalesce(sum(charge_nusd), 0) AS nusd
FROM called
WHERE (attempts > 0 OR error_code = 'hub_stopped') AND (coalesce(:model, '') = '' OR model = :model);

-- name: free_use
-- What is free by its price and not by the free tier has no entry.
SELECT exchanges.organisation_id, count(*) AS requests, sum(input_tokens + output_tokens) AS tokens
FROM exchanges JOIN ledger ON reference = request_id AND kind NOT IN ('reserve', 'attempt')
WHERE started_at_ms >= :from_ms AND charge_nusd = 0 AND reserved_nusd = 0
GROUP BY 1;

-- name: transactions
-- Charges and movements of an organisation. Reservations and what was given back come to nothing together.
SELECT seq, ledger.kind, reference, at_ms, wallet_nusd + reserved_nusd AS amount_nusd, actor, note,
       coalesce(model, asked) AS model, key_id
FROM ledger LEFT JOIN exchanges ON request_id = reference
WHERE ledger.organisation_id = :organisation_id AND ledger.kind <> 'reserve' AND wallet_nusd + reserved_nusd <> 0
  AND seq < :before_seq AND at_ms >= :from_ms AND at_ms < :until_ms
  AND (:kinds IS NULL OR ledger.kind IN (SELECT value FROM json_each(:kinds)))
  AND (:sign = 0 OR (wallet_nusd + reserved_nusd) * :sign > 0)
ORDER BY seq DESC LIMIT :limit;

-- name: balance_before
SELECT coalesce(sum(wallet_nusd + reserved_nusd), 0) AS nusd FROM ledger
WHERE organisation_id = :organisation_id AND kind <> 'reserve' AND at_ms < :at_ms;

-- name: charged_usage
SELECT coalesce(model, asked) AS model, key_id, keys.name AS key_name, count(*) AS requests,
       coalesce(sum(input_tokens), 0) AS input_tokens, coalesce(sum(cached_tokens), 0) AS cached_tokens,
       coalesce(sum(cache_write_tokens), 0) AS cache_write_tokens, coalesce(sum(output_tokens), 0) AS output_tokens,
       coalesce(sum(reasoning_tokens), 0) AS reasoning_tokens, sum(revenue_nusd) AS charge_nusd
FROM ledger LEFT JOIN exchanges ON request_id = reference
     LEFT JOIN keys ON keys.id = key_id AND keys.organisation_id = ledger.organisation_id
WHERE ledger.organisation_id = :organisation_id AND ledger.kind IN ('settle', 'void', 'expire', 'recover')
  AND revenue_nusd <> 0 AND at_ms >= :from_ms AND at_ms < :until_ms
GROUP BY 1, 2 ORDER BY charge_nusd DESC, 1, 2;

-- name: charged_meters
SELECT coalesce(model, asked) AS model, key_id, key AS meter,
       sum(json_extract(value, '$[0]')) AS units, sum(json_extract(value, '$[1]')) AS nusd
FROM ledger JOIN exchanges ON request_id = reference, json_each(lines)
WHERE ledger.organisation_id = :organisation_id AND ledger.kind IN ('settle', 'void', 'expire', 'recover')
  AND revenue_nusd <> 0 AND at_ms >= :from_ms AND at_ms < :until_ms
GROUP BY 1, 2, 3 ORDER BY 1, 2, nusd DESC;

-- name: exchange_charged
SELECT revenue_nusd FROM ledger
WHERE organisation_id = :organisation_id AND reference = :reference AND kind IN ('settle', 'recover');

-- name: recoveries
SELECT * FROM ledger WHERE kind = 'recover' ORDER BY seq DESC LIMIT :limit;

-- name: wallet_sums
SELECT coalesce(sum(wallet_nusd), 0) AS wallet_nusd, coalesce(sum(reserved_nusd), 0) AS reserved_nusd
FROM ledger WHERE organisation_id = :organisation_id;

-- name: movement
SELECT * FROM ledger
WHERE reference = :reference AND kind NOT IN ('reserve', 'attempt')
  AND (:organisation_id IS NULL OR organisation_id = :organisation_id);

-- name: insert_voucher
INSERT INTO vouchers (id, digest, amount_nusd, note, actor, created_at_ms, expires_at_ms)
VALUES (:id, :digest, :amount_nusd, :note, :actor, :created_at_ms, :expires_at_ms);

-- name: voucher_by_digest
SELECT seq, id, amount_nusd, note, actor, created_at_ms, expires_at_ms, redeemed_at_ms, redeemed_by
FROM vouchers WHERE digest = :digest;

-- name: voucher
SELECT seq, id, amount_nusd, note, actor, created_at_ms, expires_at_ms, redeemed_at_ms, redeemed_by
FROM vouchers WHERE id = :id;

-- name: vouchers
SELECT seq, id, amount_nusd, note, actor, created_at_ms, expires_at_ms, redeemed_at_ms, redeemed_by
FROM vouchers WHERE seq < :before_seq ORDER BY seq DESC LIMIT :limit;

-- name: redeem_voucher
UPDATE vouchers SET redeemed_at_ms = :now_ms, redeemed_by = :organisation_id WHERE id = :id;

-- name: delete_voucher
DELETE FROM vouchers WHERE id = :id;

-- name: answer
SELECT request, status, body FROM answers
WHERE organisation_id = :organisation_id AND digest = :digest AND at_ms > :since_ms;

-- name: insert_answer
INSERT OR REPLACE INTO answers (organisation_id, digest, request, status, body, at_ms)
VALUES (:organisation_id, :digest, :request, :status, :body, :at_ms);

-- name: delete_old_answers
DELETE FROM answers WHERE at_ms <= :since_ms;

-- name: low_balances
SELECT organisation_id FROM low_balances;

-- name: insert_low_balance
INSERT INTO low_balances (organisation_id, since_ms) VALUES (:organisation_id, :since_ms) ON CONFLICT DO NOTHING
RETURNING organisation_id;

-- name: delete_low_balance
DELETE FROM low_balances WHERE organisation_id = :organisation_id;

-- name: insert_notice
INSERT INTO notices (id, organisation_id, body, created_at_ms, next_at_ms)
VALUES (:id, :organisation_id, :body, :created_at_ms, :created_at_ms);

-- name: notices_due
SELECT id, organisation_id, body, created_at_ms, attempts FROM notices
WHERE done_at_ms IS NULL AND next_at_ms <= :now_ms ORDER BY next_at_ms LIMIT 100;

-- name: update_notice
UPDATE notices SET attempts = :attempts, next_at_ms = :next_at_ms, done_at_ms = :done_at_ms, failure = :failure
WHERE id = :id;

-- name: unbalanced_entries
SELECT seq, reference, wallet_nusd + reserved_nusd + revenue_nusd + cost_nusd + payable_nusd + grants_nusd
       + funding_nusd + losses_nusd AS found
FROM ledger WHERE found <> 0;

-- name: missing_entries
SELECT coalesce(max(seq), 0) AS expected, count(*) AS found FROM ledger HAVING expected <> found;

-- name: closed_twice
SELECT reference, count(*) AS found FROM ledger WHERE kind IN ('settle', 'void', 'expire', 'recover')
GROUP BY 1 HAVING found > 1;

-- name: wrongly_held
-- What is held for an exchange by the ledger, and by the list of those under way.
SELECT reference, sum(listed) AS expected, sum(held) AS found FROM (
    SELECT reference, 0 AS listed, reserved_nusd AS held FROM ledger
    UNION ALL
    SELECT reference, amount_nusd, 0 FROM reservations
) GROUP BY 1 HAVING expected <> found;

-- name: open_references
SELECT reference, amount_nusd AS found FROM reservations;

-- name: wrong_balances
SELECT organisation_id, sum(summed) AS expected, sum(kept) AS found FROM (
    SELECT organisation_id, 0 AS summed, wallet_nusd AS kept FROM balances
    UNION ALL
    SELECT ledger.organisation_id, ledger.wallet_nusd, 0 FROM ledger CROSS JOIN balances
    ON balances.organisation_id = ledger.organisation_id AND ledger.seq <= balances.seq
) GROUP BY 1 HAVING expected <> found;

-- name: wrong_charges
-- Of exchanges: what their rows say and what the ledger says.
SELECT reference, sum(written) AS expected, sum(charged) AS found FROM (
    SELECT reference, 0 AS written, revenue_nusd AS charged FROM ledger
    WHERE kind IN ('settle', 'void', 'expire', 'recover')
    UNION ALL
    SELECT request_id, charge_nusd, 0 FROM exchanges WHERE charge_nusd IS NOT NULL
) GROUP BY 1 HAVING expected <> found;

-- name: wrong_charges_of_organisations
SELECT organisation_id, sum(written) AS expected, sum(charged) AS found FROM (
    SELECT organisation_id, 0 AS written, revenue_nusd AS charged FROM ledger
    WHERE kind IN ('settle', 'void', 'expire', 'recover')
    UNION ALL
    SELECT organisation_id, charge_nusd, 0 FROM exchanges WHERE charge_nusd IS NOT NULL
) GROUP BY 1 HAVING expected <> found;

-- name: wrong_debts
-- What is owed for exchanges: by their rows, and by the ledger.
SELECT reference, sum(owed) AS expected, sum(posted) AS found FROM (
    SELECT reference, 0 AS owed, payable_nusd AS posted FROM ledger WHERE payable_nusd <> 0
    UNION ALL
    SELECT request_id, debt_nusd, 0 FROM exchanges WHERE debt_nusd > 0
) GROUP BY 1 HAVING expected <> found;

-- name: wrong_debts_of_organisations
SELECT organisation_id, sum(owed) AS expected, sum(posted) AS found FROM (
    SELECT organisation_id, 0 AS owed, payable_nusd AS posted FROM ledger WHERE payable_nusd <> 0
    UNION ALL
    SELECT organisation_id, debt_nusd, 0 FROM exchanges WHERE debt_nusd > 0
) GROUP BY 1 HAVING expected <> found;

-- name: wrong_lines
SELECT request_id AS reference, charge_nusd AS expected, sum(json_extract(value, '$[1]')) AS found
FROM exchanges, json_each(lines) GROUP BY 1 HAVING expected <> found;

-- name: wrong_vouchers
-- A redeemed voucher has one entry of its amount, any other none.
SELECT reference, sum(redeemed) AS expected, sum(posted) AS found FROM (
    SELECT id AS reference, amount_nusd AS redeemed, 0 AS posted FROM vouchers WHERE redeemed_at_ms IS NOT NULL
    UNION ALL
    SELECT reference, 0, wallet_nusd FROM ledger WHERE kind = 'voucher'
) GROUP BY 1 HAVING expected <> found;

-- name: ledger_balances
SELECT organisation_id, sum(wallet_nusd) AS wallet_nusd, sum(reserved_nusd) AS reserved_nusd,
       sum(revenue_nusd) AS revenue_nusd, sum(cost_nusd) AS cost_nusd, sum(payable_nusd) AS payable_nusd,
       sum(grants_nusd) AS grants_nusd, sum(funding_nusd) AS funding_nusd, sum(losses_nusd) AS losses_nusd
FROM ledger GROUP BY 1 ORDER BY 1;

-- name: entries_count
SELECT count(*) AS entries FROM ledger;

-- Tokens of limited scope, webhooks, full-text search.

-- name: token_find
SELECT t.officer, o.role, t.scopes, t.ends_us, t.revoked_us, t.used_us, t.name,
  o.unit FROM token t
JOIN officer o ON o.name = t.officer
WHERE t.digest = ? AND o.disabled_us IS NULL;

-- name: token_used
UPDATE token SET used_us = ? WHERE digest = ?;

-- name: token_add
INSERT INTO token (digest, name, officer, scopes, created_us, created_by, ends_us) VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: token_all
SELECT name, officer, scopes, created_us, created_by, ends_us, used_us, revoked_us FROM token
ORDER BY created_us DESC LIMIT 1000;

-- name: token_revoke
UPDATE token SET revoked_us = ? WHERE name = ? AND revoked_us IS NULL;

-- name: clerk_mark_get
SELECT seq FROM clerk_mark WHERE clerk = ?;

-- name: clerk_mark_set
UPDATE clerk_mark SET seq = ? WHERE clerk = ? AND seq = ?;

-- name: search_next
SELECT seq, bytes FROM record WHERE seq > ? AND case_id IS NOT NULL AND kind <> 'receipt' ORDER BY seq LIMIT 128;

-- name: search_newest
SELECT coalesce(max(seq), 0) FROM record;

-- name: search_last
SELECT coalesce(max(seq), 0) FROM search_place;

-- name: search_add
INSERT INTO search_text (rowid, text, block) VALUES (?, ?, ?);

-- name: search_fresh_add
INSERT INTO search_fresh (rowid, text) VALUES (?, ?);

-- name: search_fresh_words
INSERT INTO search_word (term) SELECT f.term FROM search_fresh_word f WHERE TRUE ON CONFLICT (term) DO NOTHING;

-- name: search_fresh_clear
INSERT INTO search_fresh (search_fresh) VALUES ('delete-all');

-- name: search_word_wipe
DELETE FROM search_word;

-- name: search_place_add
INSERT INTO search_place (seq, case_id, stored_us) SELECT seq, case_id, stored_us FROM record WHERE seq = ?;

-- name: search_wipe
DELETE FROM search_text;

-- name: search_place_wipe
DELETE FROM search_place;

-- The excerpt is NULL for what the officer may not see, and empty for what the filter leaves out.
-- name: search_rows
SELECT p.seq, CASE
    WHEN NOT (c.unit = ? OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = c.id AND n.officer = ?)) THEN NULL
    WHEN (? = '' OR c.partner = ?) AND p.stored_us >= ? AND p.stored_us < ?
      AND ((? = '' AND ? = '') OR EXISTS (SELECT 1 FROM request f WHERE f.case_id = c.id
        AND (? = '' OR f.measure = ?) AND (? = '' OR f.state = ?)))
    THEN snippet(search_text, 0, char(2), char(3), '…', 48) ELSE '' END
FROM search_text JOIN search_place p ON p.seq = search_text.rowid JOIN case_file c ON c.id = p.case_id
WHERE search_text MATCH ? AND search_text.rowid < ? AND search_text.rowid > ?
ORDER BY search_text.rowid DESC;

-- name: search_found
SELECT r.id, r.kind, r.case_id, r.incoming, r.at_us, c.ours, c.theirs, c.partner, q.measure, q.state
FROM record r JOIN case_file c ON c.id = r.case_id LEFT JOIN request q ON q.id = r.id
WHERE r.seq = ?;

-- name: search_stored
SELECT stored_us FROM search_place WHERE seq >= ? ORDER BY seq LIMIT 1;

-- name: search_term
SELECT term FROM search_word WHERE term >= ? AND term < ? ORDER BY term LIMIT 1;

-- name: search_cases
SELECT p.seq, p.case_id, p.stored_us FROM search_text JOIN search_place p ON p.seq = search_text.rowid
WHERE search_text MATCH ? AND search_text.rowid < ? AND search_text.rowid > ?
ORDER BY search_text.rowid DESC;

-- name: webhook_add
INSERT INTO webhook (id, url, events, secret, created_us, created_by) VALUES (?, ?, ?, ?, ?, ?);

-- name: webhook_all
SELECT w.id, w.url, w.events, w.secret, w.created_us, w.created_by,
  (SELECT count(*) FROM webhook_delivery d WHERE d.webhook = w.id AND d.state = 'waiting'),
  (SELECT d.last_error FROM webhook_delivery d WHERE d.webhook = w.id AND d.state <> 'delivered' ORDER BY d.seq DESC LIMIT 1)
FROM webhook w ORDER BY w.created_us LIMIT 32;

-- name: webhook_get
SELECT url, events, secret FROM webhook WHERE id = ?;

-- name: webhook_drop
DELETE FROM webhook WHERE id = ?;

-- name: webhook_drop_deliveries
DELETE FROM webhook_delivery WHERE webhook = ?;

-- name: webhook_mark_now
UPDATE clerk_mark SET seq = CASE clerk WHEN 'webhook.record' THEN (SELECT coalesce(max(seq), 0) FROM record)
  ELSE (SELECT coalesce(max(seq), 0) FROM event) END
WHERE clerk IN ('webhook.record', 'webhook.event') AND NOT EXISTS (SELECT 1 FROM webhook);

-- name: webhook_records
SELECT seq, id, kind, case_id, incoming, CASE WHEN kind IN ('notice', 'custody') THEN bytes ELSE NULL END FROM record
WHERE seq > ? ORDER BY seq LIMIT 256;

-- name: webhook_events
SELECT seq, id, what, 
  CASE WHEN what IN ('alarm', 'retention.alarm', 'draft.new') THEN detail ELSE NULL END
FROM event
WHERE seq > ? ORDER BY seq LIMIT 256;

-- name: webhook_queue
INSERT INTO webhook_delivery (id, webhook, body, next_us, queued_us, state) VALUES (?, ?, ?, ?, ?, 'waiting')
ON CONFLICT (webhook, id) DO NOTHING;

-- name: webhook_due
SELECT d.seq, d.id, d.body, d.attempts, w.url, w.secret FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook
WHERE d.state = 'waiting' AND d.next_us <= ? ORDER BY d.next_us LIMIT 16;

-- name: webhook_settle
UPDATE webhook_delivery SET state = ?, attempts = attempts + 1, next_us = ?, last_error = ? WHERE seq = ?;

-- name: webhook_forget
DELETE FROM webhook_delivery WHERE state <> 'waiting' AND queued_us < ?;

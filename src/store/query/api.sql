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

-- name: search_add
INSERT INTO search_text (rowid, text) VALUES (?, ?);

-- name: search_wipe
DELETE FROM search_text;

-- name: search_page
SELECT r.seq, r.id, r.kind, r.case_id, r.incoming, r.at_us, c.ours, c.theirs, c.partner, q.measure, q.state,
  snippet(search_text, 0, char(2), char(3), '…', 48)
FROM search_text JOIN record r ON r.seq = search_text.rowid JOIN case_file c ON c.id = r.case_id
LEFT JOIN request q ON q.id = r.id
WHERE search_text MATCH ? AND search_text.rowid < ?
  AND (c.unit = ? OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = c.id AND n.officer = ?))
  AND (? = '' OR c.partner = ?) AND r.stored_us >= ? AND r.stored_us < ?
  AND ((? = '' AND ? = '') OR EXISTS (SELECT 1 FROM request f WHERE f.case_id = c.id
    AND (? = '' OR f.measure = ?) AND (? = '' OR f.state = ?)))
ORDER BY search_text.rowid DESC LIMIT ?;

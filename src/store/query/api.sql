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

-- The desk: signing in, sessions, invitations, the access log.

-- name: officer_role
SELECT role, unit FROM officer WHERE name = ? AND disabled_us IS NULL;

-- name: sign_in_add
INSERT INTO sign_in (officer, kind, name, handle, secret, created_us) VALUES (?, ?, ?, ?, ?, ?);

-- name: sign_in_add_counted
INSERT INTO sign_in (officer, kind, name, handle, secret, counter, created_us) VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: passkey_drop
DELETE FROM sign_in WHERE id = ? AND officer = ? AND kind = 'passkey'
  AND (SELECT count(*) FROM sign_in o WHERE o.officer = ? AND o.kind <> 'totp') > 1;

-- name: sign_in_of
SELECT id, kind, name, handle, secret, counter, created_us, used_us FROM sign_in
WHERE officer = ? AND (kind = ? OR ? = '') ORDER BY id LIMIT 32;

-- name: sign_in_by_handle
SELECT s.id, s.officer, s.secret, s.counter FROM sign_in s JOIN officer o ON o.name = s.officer
WHERE s.handle = ? AND s.kind = 'passkey' AND o.disabled_us IS NULL;

-- name: sign_in_used
UPDATE sign_in SET used_us = ?, counter = ? WHERE id = ? AND counter < ?;

-- name: sign_in_touched
UPDATE sign_in SET used_us = ? WHERE id = ?;

-- name: sign_in_drop
DELETE FROM sign_in WHERE id = ? AND officer = ?;

-- name: sign_in_replace
DELETE FROM sign_in WHERE officer = ? AND kind = ?;

-- name: card_by_handle
SELECT s.id, s.officer, o.disabled_us IS NOT NULL FROM sign_in s JOIN officer o ON o.name = s.officer
WHERE s.handle = ? AND s.kind = 'certificate';

-- name: card_list
SELECT id, officer, name, handle, created_us, used_us FROM sign_in
WHERE kind = 'certificate' AND (officer = ? OR ? = '') ORDER BY officer, id LIMIT 1000;

-- name: session_end_way
DELETE FROM session WHERE officer = ? AND way = ?;

-- name: session_add
INSERT INTO session (digest, public_id, officer, csrf, created_us, seen_us, ends_us, peer, agent, way)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: session_get
SELECT s.public_id, s.officer, o.role, s.csrf, s.seen_us, s.ends_us, s.way, coalesce(p.language, ''),
  coalesce(p.zone, '')
FROM session s JOIN officer o ON o.name = s.officer LEFT JOIN preference p ON p.officer = s.officer
WHERE s.digest = ? AND o.disabled_us IS NULL;

-- name: session_seen
UPDATE session SET seen_us = ? WHERE digest = ?;

-- name: session_end
DELETE FROM session WHERE digest = ?;

-- name: session_end_named
DELETE FROM session WHERE public_id = ? AND officer = ?;

-- name: session_all
SELECT public_id, officer, created_us, seen_us, ends_us, peer, agent, way FROM session
WHERE (? = '' OR officer = ?) AND seen_us > ? AND ends_us > ? ORDER BY seen_us DESC LIMIT 1000;

-- name: session_owner
SELECT officer FROM session WHERE public_id = ?;

-- name: session_end_old
DELETE FROM session WHERE seen_us < ? OR ends_us < ?;

-- name: session_of
SELECT public_id, created_us, seen_us, ends_us, peer, agent, way FROM session
WHERE officer = ? ORDER BY seen_us DESC LIMIT 100;

-- name: preference_of
SELECT language, zone, sound FROM preference WHERE officer = ?;

-- name: preference_set
INSERT INTO preference (officer, language, zone) VALUES (?, ?, ?)
ON CONFLICT (officer) DO UPDATE SET language = excluded.language, zone = excluded.zone;

-- name: invitation_add
INSERT INTO invitation (digest, officer, made_by, created_us, ends_us) VALUES (?, ?, ?, ?, ?);

-- name: invitation_get
SELECT i.officer, o.role FROM invitation i JOIN officer o ON o.name = i.officer
WHERE i.digest = ? AND i.used_us IS NULL AND i.ends_us > ? AND o.disabled_us IS NULL;

-- name: invitation_use
UPDATE invitation SET used_us = ? WHERE digest = ? AND used_us IS NULL AND ends_us > ?;

-- name: access_add
INSERT INTO access (at_us, officer, what, case_id, subject, session) VALUES (?, ?, ?, ?, ?, ?);

-- The log, the latest first: by time, and what is of one moment by number.
-- name: access_place
SELECT at_us FROM access WHERE seq <= ? ORDER BY seq DESC LIMIT 1;

-- name: access_back
SELECT seq, at_us, officer, what, case_id, subject FROM access
WHERE at_us >= ? AND at_us <= ? AND (at_us < ? OR seq < ?)
ORDER BY at_us DESC, seq DESC LIMIT ?;

-- name: access_back_case
SELECT seq, at_us, officer, what, case_id, subject FROM access
WHERE case_id = ? AND at_us >= ? AND at_us <= ? AND (at_us < ? OR seq < ?)
ORDER BY at_us DESC, seq DESC LIMIT ?;

-- name: access_back_officer
SELECT seq, at_us, officer, what, case_id, subject FROM access
WHERE officer = ? AND at_us >= ? AND at_us <= ? AND (at_us < ? OR seq < ?)
ORDER BY at_us DESC, seq DESC LIMIT ?;

-- name: access_back_case_officer
SELECT seq, at_us, officer, what, case_id, subject FROM access
WHERE case_id = ? AND officer = ? AND at_us >= ? AND at_us <= ? AND (at_us < ? OR seq < ?)
ORDER BY at_us DESC, seq DESC LIMIT ?;

-- name: desk_mark
SELECT coalesce((SELECT max(seq) FROM record), 0), coalesce((SELECT max(seq) FROM event), 0);

-- Advice at decisions, and profiles of economies.

-- name: advice_insert
INSERT INTO advice (event, request) SELECT max(seq), ? FROM event;

-- name: advice_again
INSERT INTO advice (event, request) VALUES (?, ?);

-- name: advice_of_request
SELECT e.detail FROM advice a JOIN event e ON e.seq = a.event WHERE a.request = ? ORDER BY a.event;

-- name: rebuild_advice
DELETE FROM advice;

-- name: advice_events
SELECT seq, detail FROM event WHERE what = 'law.advice' ORDER BY seq;

-- name: profile_get
SELECT record_id, sender, at_us, profile FROM law_profile WHERE economy = ?;

-- name: profile_sent
SELECT 1 FROM record WHERE kind = 'lawprofile' AND sender = ? AND recipient = ? AND at_us >= ?;

-- name: profile_update
UPDATE law_profile SET record_id = ?, sender = ?, at_us = ?, profile = ?,
  changed = (SELECT max(changed) + 1 FROM law_profile)
WHERE economy = ?;

-- name: profile_insert
INSERT INTO law_profile (economy, record_id, sender, at_us, changed, profile)
SELECT ?, ?, ?, ?, (SELECT coalesce(max(changed), 0) + 1 FROM law_profile), ?;

-- name: profile_mark
SELECT coalesce(max(changed), 0) FROM law_profile;

-- name: profile_all
SELECT economy, record_id, sender, at_us, profile FROM law_profile ORDER BY economy;

-- name: rebuild_profiles
DELETE FROM law_profile;

-- Leaves, tiles, checkpoints and events, and the records a check reads.

-- name: leaf_count
SELECT coalesce(max(seq), 0) FROM leaf;

-- name: leaf_insert
INSERT INTO leaf (subject, type, salt, entry, hash) VALUES (?, ?, ?, ?, ?);

-- name: leaf_hashes
SELECT seq, hash FROM leaf WHERE seq > ? AND seq <= ? ORDER BY seq;

-- name: leaf_entries
SELECT seq, entry FROM leaf WHERE seq > ? AND seq <= ? ORDER BY seq;

-- name: leaf_page
SELECT seq, subject, type, salt, entry, hash FROM leaf WHERE seq > ? ORDER BY seq LIMIT ?;

-- name: leaf_by_subject
SELECT seq, salt, hash FROM leaf WHERE subject = ? ORDER BY seq;

-- A scan, on purpose: only a check that has found a fault asks.
-- name: leaf_by_hash
SELECT seq FROM leaf WHERE hash = ? ORDER BY seq LIMIT 1;

-- name: tile_get
SELECT width, hashes FROM tile WHERE level = ? AND n = ?;

-- name: tile_put
INSERT INTO tile (level, n, width, hashes) VALUES (?, ?, ?, ?)
ON CONFLICT (level, n) DO UPDATE SET width = excluded.width, hashes = excluded.hashes;

-- name: tile_last
SELECT n, width, hashes FROM tile WHERE level = ? ORDER BY n DESC LIMIT 1;

-- name: checkpoint_insert
INSERT INTO checkpoint (size, at_us, root, note, token) VALUES (?, ?, ?, ?, ?);

-- name: checkpoint_stamp
UPDATE checkpoint SET token = ? WHERE size = ? AND token IS NULL;

-- name: checkpoint_name
UPDATE checkpoint SET named = ? WHERE size = ?;

-- What was stamped after the next checkpoint had named it without.
-- name: checkpoint_unnamed
SELECT size, token FROM checkpoint WHERE named IS NULL AND token IS NOT NULL AND size < ? ORDER BY size LIMIT 16;

-- name: checkpoint_naming
SELECT named FROM checkpoint WHERE size = ?;

-- name: checkpoint_late_count
SELECT count(*) FROM (SELECT size FROM checkpoint WHERE token IS NULL LIMIT 1000);

-- name: checkpoint_stamped_last
SELECT size, note, token FROM checkpoint WHERE token IS NOT NULL ORDER BY size DESC LIMIT 1;

-- name: stamp_end_add
INSERT INTO stamp_end (until_us) VALUES (?) ON CONFLICT (until_us) DO NOTHING;

-- name: stamp_end_first
SELECT min(until_us) FROM stamp_end;

-- name: stamp_end_wipe
DELETE FROM stamp_end;

-- name: archive_insert
INSERT INTO archive (n, at_us, size, text, token, until_us) VALUES (?, ?, ?, ?, ?, ?);

-- name: archive_last
SELECT n, at_us, size, text, token, until_us FROM archive ORDER BY n DESC LIMIT 1;

-- name: archive_page
SELECT n, at_us, size, text, token, until_us FROM archive WHERE n > ? ORDER BY n LIMIT 64;

-- name: checkpoint_latest
SELECT size, at_us, root, note, token FROM checkpoint ORDER BY size DESC LIMIT 1;

-- name: checkpoint_get
SELECT at_us, root, note, token FROM checkpoint WHERE size = ?;

-- name: checkpoint_unstamped
SELECT size, note FROM checkpoint WHERE token IS NULL ORDER BY size DESC LIMIT ?;

-- name: checkpoint_covering
SELECT size, note, token FROM checkpoint
WHERE size > ? AND token IS NOT NULL ORDER BY size LIMIT 1;

-- name: checkpoint_page
SELECT size, at_us, root, note, token FROM checkpoint WHERE size > ? ORDER BY size LIMIT ?;

-- name: event_insert
INSERT INTO event (id, at_us, what, who, detail) VALUES (?, ?, ?, ?, ?);

-- name: event_by_id
SELECT seq, at_us, what, who, detail FROM event WHERE id = ?;

-- name: event_page
SELECT seq, id, at_us, what, who, detail FROM event WHERE seq > ? ORDER BY seq LIMIT ?;

-- name: record_evidence
SELECT seq, kind, case_id, sender, recipient, at_us, sha256, bytes, sig, receipt_of
FROM record WHERE id = ? ORDER BY seq;

-- name: records_without_leaf
SELECT id, n FROM (
  SELECT r.id AS id, count(*) AS n,
    (SELECT count(*) FROM leaf WHERE leaf.subject = r.id AND leaf.type = 1) AS leaves
  FROM record r GROUP BY r.id) AS per_id
WHERE leaves < n ORDER BY id;

-- name: events_without_leaf
SELECT id FROM event e
WHERE NOT EXISTS (SELECT 1 FROM leaf WHERE leaf.subject = e.id AND leaf.type = 2) ORDER BY seq;

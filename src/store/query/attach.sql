-- Files that travel with records (exchange/attach.c, evidence/attach.c).

-- name: held_insert
INSERT INTO held (id, owner, name, media, state, size, sha256, created_us)
VALUES (?, ?, ?, ?, 'filling', 0, '', ?);

-- name: held_filled
UPDATE held SET state = 'held', size = ?, sha256 = ?, sealed = ?, wrapped = ? WHERE id = ? AND state = 'filling';

-- name: held_get
SELECT id, owner, name, media, state, for_id, size, sha256, sealed, wrapped, created_us FROM held WHERE id = ?;

-- name: held_of
SELECT id, owner, name, media, state, for_id, size, sha256, sealed, wrapped, created_us FROM held
WHERE for_id = ? ORDER BY id;

-- name: held_free
SELECT id, owner, name, media, state, for_id, size, sha256, sealed, wrapped, created_us FROM held
WHERE owner = ? AND state = 'held' AND (for_id IS NULL
  OR (NOT EXISTS (SELECT 1 FROM draft d WHERE d.id = held.for_id AND d.state NOT IN ('rejected', 'dropped'))
    AND NOT EXISTS (SELECT 1 FROM record r WHERE r.id = held.for_id))) ORDER BY id;

-- name: held_count
SELECT count(*), coalesce(sum(size), 0) FROM held WHERE owner = ?;

-- name: held_claim
UPDATE held SET for_id = ? WHERE id = ? AND owner = ? AND state = 'held' AND (for_id IS NULL OR for_id = ?
  OR (NOT EXISTS (SELECT 1 FROM draft d WHERE d.id = held.for_id AND d.state NOT IN ('rejected', 'dropped'))
    AND NOT EXISTS (SELECT 1 FROM record r WHERE r.id = held.for_id)));

-- name: held_unfill
UPDATE held SET state = 'filling' WHERE id = ? AND (for_id IS NULL
  OR (NOT EXISTS (SELECT 1 FROM draft d WHERE d.id = held.for_id AND d.state NOT IN ('rejected', 'dropped'))
    AND NOT EXISTS (SELECT 1 FROM record r WHERE r.id = held.for_id)));

-- name: held_drop
DELETE FROM held WHERE id = ?;

-- What was sent back is corrected, with its files.
-- name: held_stale
SELECT id FROM held
WHERE created_us < ? AND (for_id IS NULL
  OR (NOT EXISTS (SELECT 1 FROM draft d WHERE d.id = held.for_id AND (d.state NOT IN ('rejected', 'dropped')
      OR (d.state = 'rejected' AND d.created_us > ?)))
    AND NOT EXISTS (SELECT 1 FROM record r WHERE r.id = held.for_id))) ORDER BY created_us LIMIT 64;

-- name: held_to_offer
SELECT h.id, h.name, h.media, h.size, h.sha256, h.sealed, h.wrapped, r.id, r.recipient, r.sha256, r.bytes
FROM held h JOIN record r ON r.id = h.for_id AND r.sender = ? ORDER BY h.id LIMIT 64;

-- name: held_fits
SELECT count(*) FROM held WHERE for_id = ? AND name = ? AND media = ? AND size = ? AND sha256 = ? AND state = 'held';

-- name: attached_insert
INSERT INTO attached (record_id, sender, place, case_id, incoming, name, media, size, sha256)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: attached_wipe
DELETE FROM attached;

-- name: attached_bind
UPDATE attached SET exhibit = ?
WHERE record_id = ? AND sender = ? AND place = (SELECT min(a.place) FROM attached a
  WHERE a.record_id = ? AND a.sender = ? AND a.case_id = ? AND a.name = ? AND a.media = ? AND a.size = ?
    AND a.sha256 = ? AND (a.exhibit IS NULL
      OR EXISTS (SELECT 1 FROM exhibit e WHERE e.id = a.exhibit AND e.state IN ('failed', 'destroyed'))));

-- name: attached_of_record
SELECT a.place, a.name, a.media, a.size, a.sha256, a.exhibit, a.incoming, a.case_id, e.state, e.done_bytes,
  e.sealed_size
FROM attached a LEFT JOIN exhibit e ON e.id = a.exhibit
WHERE a.record_id = ? AND a.sender = ? ORDER BY a.place;

-- name: attached_of_id
SELECT a.place, a.name, a.media, a.size, a.sha256, a.exhibit, a.incoming, a.case_id, e.state, e.done_bytes,
  e.sealed_size
FROM attached a LEFT JOIN exhibit e ON e.id = a.exhibit
WHERE a.record_id = ? ORDER BY a.sender, a.place;

-- name: attached_case_of
SELECT case_id FROM attached WHERE record_id = ? LIMIT 1;

-- name: attached_to
SELECT record_id FROM attached WHERE exhibit = ? LIMIT 1;

-- name: attached_to_fetch
SELECT a.exhibit, e.partner FROM attached a JOIN exhibit e ON e.id = a.exhibit
WHERE e.state = 'offered' AND e.incoming = 1 AND a.size <= ?
  AND (SELECT sum(s.size) FROM attached s WHERE s.record_id = a.record_id AND s.sender = a.sender) <= ?
ORDER BY e.changed_us LIMIT 64;

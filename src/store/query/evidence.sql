-- Exhibits and what a package of a case needs.

-- name: exhibit_insert
INSERT INTO exhibit (id, case_id, name, media, partner, incoming, state, plain_size, sealed_size,
  plain_sha256, sealed_sha256, sealed_header, manifest_id, wrapped, changed_us, coding, derived_from, derived_root, derived_by)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: exhibit_wipe
DELETE FROM exhibit;

-- name: exhibit_get
SELECT id, case_id, name, media, partner, incoming, state, plain_size, sealed_size, plain_sha256,
  sealed_sha256, manifest_id, done_bytes, changed_us, sealed_header, coding,
  derived_from, derived_root, derived_by, shut, erased_us
FROM exhibit WHERE id = ?;

-- name: exhibit_of_case
SELECT id, case_id, name, media, partner, incoming, state, plain_size, sealed_size, plain_sha256,
  sealed_sha256, manifest_id, done_bytes, changed_us, sealed_header, coding,
  derived_from, derived_root, derived_by, shut, erased_us
FROM exhibit WHERE case_id = ? ORDER BY changed_us DESC LIMIT ?;

-- name: exhibit_page_seen
SELECT e.id, e.case_id, e.name, e.media, e.partner, e.incoming, e.state, e.plain_size, e.sealed_size, e.plain_sha256,
  e.sealed_sha256, e.manifest_id, e.done_bytes, e.changed_us, e.sealed_header, e.coding,
  e.derived_from, e.derived_root, e.derived_by, e.shut, e.erased_us
FROM exhibit e JOIN case_file c ON c.id = e.case_id
WHERE (c.unit = ?
  OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = c.id AND n.officer = ?))
ORDER BY e.changed_us DESC LIMIT ?;

-- name: exhibit_of_case_seen
SELECT e.id, e.case_id, e.name, e.media, e.partner, e.incoming, e.state, e.plain_size, e.sealed_size, e.plain_sha256,
  e.sealed_sha256, e.manifest_id, e.done_bytes, e.changed_us, e.sealed_header, e.coding,
  e.derived_from, e.derived_root, e.derived_by, e.shut, e.erased_us
FROM exhibit e JOIN case_file c ON c.id = e.case_id
WHERE e.case_id = ? AND (c.unit = ?
  OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = c.id AND n.officer = ?))
ORDER BY e.changed_us DESC LIMIT ?;

-- name: exhibit_by_state
SELECT id, case_id, name, media, partner, incoming, state, plain_size, sealed_size, plain_sha256,
  sealed_sha256, manifest_id, done_bytes, changed_us, sealed_header, coding,
  derived_from, derived_root, derived_by, shut, erased_us
FROM exhibit WHERE state = ? ORDER BY changed_us LIMIT 10000;

-- name: exhibit_wrapped
SELECT wrapped FROM exhibit WHERE id = ?;

-- name: exhibit_move
UPDATE exhibit SET state = ?, changed_us = ? WHERE id = ?;

-- name: exhibit_done
UPDATE exhibit SET done_bytes = ? WHERE id = ?;

-- name: exhibit_of_manifest
DELETE FROM exhibit WHERE id = ? AND manifest_id = ?;

-- name: evidence_records
SELECT seq, id, kind, sender, recipient, incoming, bytes, sig FROM record
WHERE case_id = ? AND seq > ? ORDER BY seq LIMIT 256;

-- name: evidence_custody
SELECT id, kind, sender, at_us, stored_us, sha256, bytes FROM record
WHERE case_id = ? AND kind IN ('manifest', 'custody') ORDER BY seq;

-- name: evidence_entries
SELECT id, bytes, sig FROM record WHERE sender = ? AND kind = 'entry' ORDER BY seq DESC LIMIT 32;

-- Acquisitions that have not ended.

-- name: acquire_insert
INSERT INTO acquisition (id, case_id, partner, officer, name, source, wrapped, begun_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: acquire_get
SELECT id, case_id, partner, officer, name, source, wrapped, begun_us FROM acquisition WHERE id = ?;

-- name: acquire_seen
SELECT a.id, a.case_id, a.partner, a.officer, a.name, a.source, a.wrapped, a.begun_us
FROM acquisition a JOIN case_file c ON c.id = a.case_id
WHERE (c.unit = ?
  OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = c.id AND n.officer = ?))
ORDER BY a.begun_us DESC LIMIT ?;

-- name: acquire_delete
DELETE FROM acquisition WHERE id = ?;

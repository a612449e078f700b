-- Units, and who sees which case.

-- A case that is only a draft yet is the draft's. Asked by every page: nothing is sorted.
-- name: sight_case
SELECT c.unit, EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = c.id AND n.officer = ?)
FROM case_file c WHERE c.id = ?
UNION ALL
SELECT d.unit, EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = d.case_id AND n.officer = ?)
FROM draft d WHERE d.case_id = ? AND NOT EXISTS (SELECT 1 FROM case_file f WHERE f.id = d.case_id)
LIMIT 1;

-- name: sight_request
SELECT coalesce((SELECT q.unit FROM request q WHERE q.id = ?), (SELECT d.unit FROM draft d WHERE d.id = ?), '') = ?
  OR EXISTS (SELECT 1 FROM case_named n WHERE n.officer = ? AND n.case_id = coalesce(
    (SELECT q.case_id FROM request q WHERE q.id = ?), (SELECT d.case_id FROM draft d WHERE d.id = ?)));

-- name: sight_named
SELECT 1 FROM case_named WHERE case_id = ? AND officer = ?;

-- name: unit_of_new
SELECT coalesce((SELECT c.unit FROM case_file c WHERE c.id = ?), (SELECT d.unit FROM draft d WHERE d.id = ?),
    (SELECT nullif(o.unit, 'none') FROM officer o WHERE o.name = ?), (SELECT u.name FROM unit u WHERE u.intake = 1),
    'all'),
  EXISTS (SELECT 1 FROM officer o WHERE o.name = ? AND o.unit = 'none');

-- name: unit_of_case_kept
SELECT unit FROM case_unit WHERE case_id = ?;

-- name: unit_all
SELECT u.name, u.title, u.intake, u.created_us,
  (SELECT count(*) FROM officer o WHERE o.unit = u.name AND o.disabled_us IS NULL)
FROM unit u ORDER BY u.name LIMIT 1000;

-- name: unit_get
SELECT title, intake FROM unit WHERE name = ?;

-- name: unit_insert
INSERT INTO unit (name, title, created_us) VALUES (?, ?, ?);

-- name: unit_intake
UPDATE unit SET intake = CASE WHEN name = ? THEN 1 ELSE 0 END;

-- name: officer_unit
UPDATE officer SET unit = ? WHERE name = ? AND disabled_us IS NULL;

-- name: officer_role_set
UPDATE officer SET role = ? WHERE name = ? AND disabled_us IS NULL;

-- name: case_unit_put
INSERT INTO case_unit (case_id, unit) VALUES (?, ?) ON CONFLICT (case_id) DO UPDATE SET unit = excluded.unit;

-- name: case_assign
UPDATE case_file SET unit = ? WHERE id = ?;

-- name: case_assign_requests
UPDATE request SET unit = ? WHERE case_id = ?;

-- name: case_assign_drafts
UPDATE draft SET unit = ? WHERE case_id = ?;

-- name: case_named_add
INSERT INTO case_named (case_id, officer, by_whom, at_us) VALUES (?, ?, ?, ?) ON CONFLICT (case_id, officer) DO NOTHING;

-- name: case_named_drop
DELETE FROM case_named WHERE case_id = ? AND officer = ?;

-- name: case_named_of
SELECT officer, by_whom, at_us FROM case_named WHERE case_id = ? ORDER BY officer LIMIT 1000;

-- name: case_named_count
SELECT count(*) FROM case_named n JOIN officer o ON o.name = n.officer
WHERE n.case_id = ? AND n.officer <> ? AND o.disabled_us IS NULL;

-- Lists of officers whom cases of another unit name (exchange/named.h).
-- name: named_forget
DELETE FROM named_list WHERE subject = ?;

-- name: named_request
INSERT INTO named_list (officer, list, key, subject)
SELECT v.officer, v.list, v.key, v.request FROM request_listed v WHERE v.request = ?;

-- name: named_forget_case
DELETE FROM named_list WHERE subject = ? OR subject IN (SELECT q.id FROM request q WHERE q.case_id = ?);

-- name: named_case
INSERT INTO named_list (officer, list, key, subject)
SELECT n.officer, 5, c.changed_us, c.id FROM case_file c JOIN case_named n ON n.case_id = c.id WHERE c.id = ?;

-- name: named_case_requests
INSERT INTO named_list (officer, list, key, subject)
SELECT v.officer, v.list, v.key, v.request FROM request_listed v WHERE v.case_id = ?;

-- name: named_touch
UPDATE named_list SET key = ? WHERE subject = ? AND list = 5;

-- name: named_wipe
DELETE FROM named_list;

-- name: named_all_cases
INSERT INTO named_list (officer, list, key, subject)
SELECT n.officer, 5, c.changed_us, c.id FROM case_named n JOIN case_file c ON c.id = n.case_id;

-- name: named_all_requests
INSERT INTO named_list (officer, list, key, subject)
SELECT v.officer, v.list, v.key, v.request FROM request_listed v;

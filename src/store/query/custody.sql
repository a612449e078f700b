-- Lineage, conditions that go with exhibits, how long they are kept.

-- The same content under other ids, where a condition may bind it: all of them, for one may be missed
-- by no bound. What was made from another stands under that one's conditions.
-- name: exhibit_bound_of_plain
SELECT id FROM exhibit WHERE plain_sha256 = ? AND id <> ? AND (derived_from IS NOT NULL OR EXISTS
  (SELECT 1 FROM marking WHERE marking.subject IN (exhibit.id, exhibit.case_id) AND marking.bound = 1))
ORDER BY changed_us, id;

-- name: exhibit_children
SELECT id FROM exhibit WHERE derived_from = ? ORDER BY changed_us, id LIMIT 1000;

-- name: exhibit_shut
UPDATE exhibit SET shut = ?, changed_us = ? WHERE id = ?;

-- name: exhibit_destroy
UPDATE exhibit SET state = 'destroyed', wrapped = NULL, changed_us = ? WHERE id = ?;

-- name: exhibit_erased
UPDATE exhibit SET erased_us = ?, done_bytes = 0, changed_us = ? WHERE id = ? AND erased_us IS NULL;

-- name: exhibit_unerased
SELECT id FROM exhibit WHERE state = 'destroyed' AND erased_us IS NULL ORDER BY changed_us LIMIT 64;

-- name: marking_insert
INSERT INTO marking (record_id, n, subject, owner, type, text, article, request, bound, since_us)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: marking_of
SELECT record_id, owner, type, text, article, since_us FROM marking
WHERE subject = ? AND bound = 1 ORDER BY since_us, record_id, n;

-- name: marking_offered
SELECT record_id, owner, type, text, article, since_us FROM marking
WHERE subject = ? AND bound = 0 ORDER BY since_us, record_id, n;

-- name: marking_bind
UPDATE marking SET bound = 1, since_us = ? WHERE request = ? AND bound = 0;

-- name: marking_unoffer
DELETE FROM marking WHERE request = ? AND bound = 0;

-- name: marking_wipe
DELETE FROM marking;

-- name: easing_insert
INSERT INTO easing (record_id, exhibit, owner, use, to_address, until_us) VALUES (?, ?, ?, ?, ?, ?);

-- name: easing_of
SELECT record_id, owner, use, to_address, until_us FROM easing WHERE exhibit = ? ORDER BY record_id LIMIT 64;

-- name: easing_allows
SELECT record_id FROM easing
WHERE exhibit = ? AND owner = ? AND use = ? AND (to_address = '' OR to_address = ?)
  AND (until_us IS NULL OR until_us > ?) LIMIT 1;

-- name: easing_wipe
DELETE FROM easing;

-- name: keeping_get
SELECT case_id, since_us, until_us, rule, source, hold_us, hold_by, hold_why, hold_until_us FROM keeping WHERE subject = ?;

-- name: keeping_retain
INSERT INTO keeping (subject, case_id, since_us, until_us, rule, source) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (subject) DO UPDATE SET since_us = excluded.since_us, until_us = excluded.until_us,
  rule = excluded.rule, source = excluded.source, unheld_us = NULL;

-- name: keeping_hold
INSERT INTO keeping (subject, case_id, hold_us, hold_by, hold_why, hold_until_us) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (subject) DO UPDATE SET hold_us = coalesce(keeping.hold_us, excluded.hold_us), hold_by = excluded.hold_by,
  hold_why = excluded.hold_why, hold_until_us = excluded.hold_until_us, unheld_us = NULL;

-- name: keeping_unhold
UPDATE keeping SET hold_us = NULL, hold_by = NULL, hold_why = NULL, hold_until_us = NULL, unheld_us = ?
WHERE subject = ?;

-- name: keeping_gone
UPDATE keeping SET gone_us = ? WHERE subject = ?;

-- What ends within the longest of the alarms, or has ended: an alarm may be due.
-- name: keeping_due
SELECT k.subject, k.case_id, k.since_us, k.until_us, k.rule, k.source, coalesce(t.due_us, 0)
FROM keeping k LEFT JOIN keeping_told t ON t.subject = k.subject AND t.until_us = k.until_us
WHERE k.until_us IS NOT NULL AND k.gone_us IS NULL AND coalesce(t.due_us, 0) < k.until_us
  AND k.since_us + (k.until_us - k.since_us) / 2 <= ?
ORDER BY k.until_us LIMIT 200;

-- name: keeping_told
INSERT INTO keeping_told (subject, until_us, due_us) VALUES (?, ?, ?)
ON CONFLICT (subject, until_us) DO UPDATE SET due_us = excluded.due_us;

-- name: keeping_wipe
DELETE FROM keeping;

-- name: case_requests_open
SELECT count(*) FROM request WHERE case_id = ? AND state NOT IN ('closed');

-- name: case_requests
SELECT count(*) FROM request WHERE case_id = ?;

-- Approved before something changed: it waits again.
-- name: draft_lapse_custody
UPDATE draft SET state = 'waiting', approved_by = NULL, approved_us = NULL, reason = ?
WHERE id = ? AND state = 'approved';

-- name: drafts_custody_end
UPDATE draft SET state = 'dropped', reason = ?
WHERE about = ? AND kind = 'custody' AND state IN ('waiting', 'approved') AND id <> ?;

-- What is to be done with an exhibit and waits, for a second officer or for its author.
-- name: drafts_custody_of
SELECT id FROM draft WHERE about = ? AND kind = 'custody' AND state IN ('waiting', 'approved')
ORDER BY created_us LIMIT 32;

-- name: drafts_custody_case
SELECT id FROM draft WHERE case_id = ? AND kind = 'custody' AND state IN ('waiting', 'approved')
ORDER BY created_us LIMIT 32;

-- Who can confirm something of a case: approvers who see it.
-- name: case_approvers
SELECT o.name FROM officer o
WHERE o.role = 'approver' AND o.disabled_us IS NULL AND o.name <> ?
  AND (o.unit = (SELECT c.unit FROM case_file c WHERE c.id = ?)
    OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = ? AND n.officer = o.name))
ORDER BY o.name LIMIT ?;

-- name: exhibit_may_see
SELECT 1 FROM exhibit e JOIN case_file c ON c.id = e.case_id
WHERE e.id = ? AND (c.unit = ?
  OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = c.id AND n.officer = ?));

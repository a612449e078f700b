-- The inbox. Walks give rows in an order, each from its own index; a filter looks at what they give (exchange/pick.c).

-- name: pick_open
SELECT coalesce(q.due_us, q.asked_us), q.id, q.case_id, q.incoming, q.state, q.partner, q.measure, q.urgency, q.officer,
  q.exercise, q.unit
FROM request q
WHERE q.unit = ?
  AND (CASE WHEN q.state IN ('need-decision', 'condition-offered') THEN 1 - q.incoming ELSE q.incoming END) = ?
  AND q.state NOT IN ('executed', 'extended', 'path-disclosed', 'refused', 'impossible', 'withdrawn', 'expired',
    'use-explained', 'closed', 'partial')
  AND coalesce(q.due_us, q.asked_us) >= ? AND (coalesce(q.due_us, q.asked_us) > ? OR q.id > ?)
ORDER BY coalesce(q.due_us, q.asked_us), q.id;

-- name: pick_kept
SELECT q.expiry_us, q.id, q.case_id, q.incoming, q.state, q.partner, q.measure, q.urgency, q.officer, q.exercise, q.unit
FROM request q
WHERE q.unit = ? AND q.keeps = 1 AND q.expiry_us >= ?
  AND (q.expiry_us > ? OR q.id > ?)
ORDER BY q.expiry_us, q.id;

-- name: pick_all
SELECT q.asked_us, q.id, q.case_id, q.incoming, q.state, q.partner, q.measure, q.urgency, q.officer, q.exercise, q.unit
FROM request q
WHERE q.unit = ? AND q.asked_us <= ? AND (q.asked_us < ? OR q.id < ?)
ORDER BY q.asked_us DESC, q.id DESC;

-- Of cases that name the officer. Those that are the own unit's too are in its walk.
-- name: pick_named
SELECT n.key, q.id, q.case_id, q.incoming, q.state, q.partner, q.measure, q.urgency, q.officer, q.exercise, q.unit
FROM named_list n JOIN request q ON q.id = n.subject
WHERE n.officer = ? AND n.list = ? AND n.key >= ? AND (n.key > ? OR n.subject > ?)
ORDER BY n.key, n.subject;

-- name: pick_named_down
SELECT n.key, q.id, q.case_id, q.incoming, q.state, q.partner, q.measure, q.urgency, q.officer, q.exercise, q.unit
FROM named_list n JOIN request q ON q.id = n.subject
WHERE n.officer = ? AND n.list = ? AND n.key <= ? AND (n.key < ? OR n.subject < ?)
ORDER BY n.key DESC, n.subject DESC;

-- name: pick_case
SELECT q.asked_us, q.id, q.case_id, q.incoming, q.state, q.partner, q.measure, q.urgency, q.officer, q.exercise, q.unit
FROM request q
WHERE q.case_id = ? AND q.asked_us <= ? AND (q.asked_us < ? OR q.id < ?)
ORDER BY q.asked_us DESC, q.id DESC;

-- The latest that the other side said, and of those what the officer has not seen. What was said before the officer
-- was here is no news, nor what somebody here has closed since.
-- name: inbox_unread
SELECT late.id, late.settled FROM (
  SELECT q.id, q.heard_us, CASE WHEN q.state IN ('executed', 'extended', 'path-disclosed', 'refused', 'impossible',
      'withdrawn', 'expired', 'use-explained', 'closed', 'partial') THEN 1 ELSE 0 END AS settled
  FROM request q
  WHERE q.unit = ? AND q.heard_us > (SELECT o.created_us FROM officer o WHERE o.name = ?)
    AND (q.state <> 'closed' OR q.changed_us <= q.heard_us)
  ORDER BY q.heard_us DESC LIMIT 200) AS late
WHERE NOT EXISTS (SELECT 1 FROM request_read r WHERE r.officer = ? AND r.request = late.id AND r.at_us >= late.heard_us)
ORDER BY late.heard_us DESC;

-- name: inbox_unread_named
SELECT late.id, late.settled FROM (
  SELECT q.id, n.key AS heard_us, q.unit, CASE WHEN q.state IN ('executed', 'extended', 'path-disclosed', 'refused', 'impossible',
      'withdrawn', 'expired', 'use-explained', 'closed', 'partial') THEN 1 ELSE 0 END AS settled
  FROM named_list n JOIN request q ON q.id = n.subject
  WHERE n.officer = ? AND n.list = 4 AND (q.state <> 'closed' OR q.changed_us <= q.heard_us)
  ORDER BY n.key DESC LIMIT 100) AS late
WHERE late.unit <> ?
  AND NOT EXISTS (SELECT 1 FROM request_read r WHERE r.officer = ? AND r.request = late.id AND r.at_us >= late.heard_us)
ORDER BY late.heard_us DESC;

-- Evidence whose period ends until then, or whose hold ended without a period; not what is on hold, by itself or with
-- its case, nor what is destroyed.
-- name: keeping_decide
SELECT k.subject, k.case_id, k.until_us, k.rule, k.source, k.unheld_us, coalesce(e.name, ''), c.ours, c.partner,
  c.exercise, c.unit
FROM keeping k JOIN case_file c ON c.id = k.case_id LEFT JOIN exhibit e ON e.id = k.subject
WHERE k.gone_us IS NULL AND k.hold_us IS NULL AND coalesce(k.until_us, k.unheld_us) IS NOT NULL
  AND coalesce(k.until_us, k.unheld_us) <= ?
  AND (c.unit = ? OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = c.id AND n.officer = ?))
  AND NOT EXISTS (SELECT 1 FROM keeping w WHERE w.subject = k.case_id AND w.hold_us IS NOT NULL)
  AND (k.subject <> k.case_id OR EXISTS (SELECT 1 FROM exhibit x WHERE x.case_id = k.case_id AND x.state <> 'destroyed'))
ORDER BY coalesce(k.until_us, k.unheld_us), k.subject;

-- Holds whose day to look again has come, or comes until then.
-- name: keeping_holds
SELECT k.subject, k.case_id, k.hold_until_us, coalesce(k.hold_why, ''), '', 0, coalesce(e.name, ''), c.ours, c.partner,
  c.exercise, c.unit
FROM keeping k JOIN case_file c ON c.id = k.case_id LEFT JOIN exhibit e ON e.id = k.subject
WHERE k.gone_us IS NULL AND k.hold_until_us IS NOT NULL AND k.hold_until_us <= ?
  AND (c.unit = ? OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = c.id AND n.officer = ?))
ORDER BY k.hold_until_us, k.subject;

-- name: request_fresh
SELECT 1 FROM request q JOIN officer o ON o.name = ? WHERE q.id = ? AND q.heard_us > o.created_us
  AND (q.state <> 'closed' OR q.changed_us <= q.heard_us)
  AND NOT EXISTS (SELECT 1 FROM request_read r WHERE r.officer = o.name AND r.request = q.id AND r.at_us >= q.heard_us);

-- name: request_read_put
INSERT INTO request_read (officer, request, at_us) VALUES (?, ?, ?)
ON CONFLICT (officer, request) DO UPDATE SET at_us = excluded.at_us WHERE excluded.at_us > request_read.at_us;

-- name: request_read_case
INSERT INTO request_read (officer, request, at_us) SELECT ?, q.id, ? FROM request q WHERE q.case_id = ?
ON CONFLICT (officer, request) DO UPDATE SET at_us = excluded.at_us WHERE excluded.at_us > request_read.at_us;

-- name: request_open_of_case
SELECT q.id FROM request q
WHERE q.case_id = ? AND q.state NOT IN ('executed', 'extended', 'path-disclosed', 'refused', 'impossible', 'withdrawn',
    'expired', 'use-explained', 'closed', 'partial')
ORDER BY q.asked_us LIMIT 1000;

-- name: request_officer_put
INSERT INTO request_officer (request, officer, by_whom, at_us) VALUES (?, ?, ?, ?)
ON CONFLICT (request) DO UPDATE SET officer = excluded.officer, by_whom = excluded.by_whom, at_us = excluded.at_us;

-- name: request_officer_drop
DELETE FROM request_officer WHERE request = ?;

-- name: request_taken
UPDATE request SET officer = ? WHERE id = ?;

-- name: sight_officer
SELECT o.unit, EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = ? AND n.officer = o.name)
FROM officer o WHERE o.name = ? AND o.disabled_us IS NULL;

-- name: draft_waits
SELECT record FROM draft WHERE about = ? AND kind = 'notice' AND state IN ('draft', 'waiting', 'approved') LIMIT 16;

-- name: view_put
INSERT INTO inbox_view (officer, name, filter, created_us) VALUES (?, ?, ?, ?)
ON CONFLICT (officer, name) DO UPDATE SET filter = excluded.filter;

-- name: view_drop
DELETE FROM inbox_view WHERE officer = ? AND name = ?;

-- name: view_get
SELECT filter FROM inbox_view WHERE officer = ? AND name = ?;

-- name: view_count
SELECT count(*) FROM inbox_view WHERE officer = ? AND name <> ?;

-- name: view_of
SELECT name, filter FROM inbox_view WHERE officer = ? ORDER BY name LIMIT 64;

-- name: preference_sound
INSERT INTO preference (officer, language, zone, sound) VALUES (?, '', '', ?)
ON CONFLICT (officer) DO UPDATE SET sound = excluded.sound;

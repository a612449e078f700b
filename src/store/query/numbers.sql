-- Counts and times of requests.

-- name: number_add
INSERT INTO number (month, incoming, unit, partner, measure, urgency, what, ground, n, seconds)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (month, incoming, unit, partner, measure, urgency, what, ground)
DO UPDATE SET n = number.n + excluded.n, seconds = number.seconds + excluded.seconds;

-- name: number_spread_get
SELECT steps FROM number_spread
WHERE incoming = ? AND what = ? AND by_what = ? AND key = ? AND month = ? AND unit = ?;

-- name: number_spread_put
INSERT INTO number_spread (incoming, what, by_what, key, month, unit, steps) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (incoming, what, by_what, key, month, unit) DO UPDATE SET steps = excluded.steps;

-- name: number_state
SELECT acked_us, done_us, outcome, ground FROM request WHERE id = ?;

-- name: number_mark
UPDATE request SET acked_us = coalesce(?, acked_us), done_us = coalesce(?, done_us), outcome = ?, ground = ?
WHERE id = ?;

-- name: number_preserved
SELECT min(asked_us) FROM request WHERE case_id = ? AND incoming = ? AND measure = 'preserve';

-- Of one unit, or with '' of all; what was taken back leaves no trace.
-- name: number_sums
SELECT partner, measure, urgency, what, ground, sum(n), sum(seconds) FROM number
WHERE month >= ? AND month <= ? AND incoming = ? AND (? = '' OR unit = ?)
GROUP BY partner, measure, urgency, what, ground HAVING sum(n) <> 0
ORDER BY measure, partner, urgency, what, ground;

-- name: number_sides
SELECT incoming, sum(n) FROM number
WHERE month >= ? AND month <= ? AND what = 'asked' AND (? = '' OR unit = ?) GROUP BY incoming;

-- name: number_spreads
SELECT what, by_what, key, steps FROM number_spread
WHERE incoming = ? AND month >= ? AND month <= ? AND (? = '' OR unit = ?)
ORDER BY what, by_what, key;

-- Of cases of other units that name the officer.
-- name: named_number_sums
SELECT partner, measure, urgency, what, ground, sum(n), sum(seconds) FROM named_number
WHERE officer = ? AND incoming = ? AND month >= ? AND month <= ? AND unit <> ?
GROUP BY partner, measure, urgency, what, ground HAVING sum(n) <> 0
ORDER BY measure, partner, urgency, what, ground;

-- name: named_spreads
SELECT what, by_what, key, steps FROM named_spread
WHERE officer = ? AND incoming = ? AND month >= ? AND month <= ? AND unit <> ?
ORDER BY what, by_what, key;

-- name: named_number_add
INSERT INTO named_number (officer, incoming, month, unit, partner, measure, urgency, what, ground, n, seconds)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (officer, incoming, month, unit, partner, measure, urgency, what, ground)
DO UPDATE SET n = named_number.n + excluded.n, seconds = named_number.seconds + excluded.seconds;

-- name: named_spread_get
SELECT steps FROM named_spread
WHERE incoming = ? AND what = ? AND by_what = ? AND key = ? AND month = ? AND unit = ? AND officer = ?;

-- name: named_spread_put
INSERT INTO named_spread (incoming, what, by_what, key, month, unit, officer, steps) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (officer, incoming, what, by_what, key, month, unit) DO UPDATE SET steps = excluded.steps;

-- name: named_number_wipe
DELETE FROM named_number;

-- name: named_spread_wipe
DELETE FROM named_spread;

-- name: named_counted
SELECT 1 FROM named_counted LIMIT 1;

-- name: named_counted_wipe
DELETE FROM named_counted;

-- name: named_counted_put
INSERT INTO named_counted (at_us) VALUES (?);

-- name: named_cases
SELECT DISTINCT case_id FROM case_named ORDER BY case_id;

-- name: number_of_request
SELECT q.partner, q.measure, q.urgency, q.asked_us, coalesce(q.acked_us, 0), coalesce(q.done_us, 0),
  coalesce(q.outcome, ''), coalesce(q.ground, ''), coalesce((SELECT min(p.asked_us) FROM request p
    WHERE p.case_id = q.case_id AND p.incoming = q.incoming AND p.measure = 'preserve'), 0), q.incoming, q.unit
FROM request q WHERE q.id = ? AND q.exercise = 0;

-- name: number_of_case
SELECT q.partner, q.measure, q.urgency, q.asked_us, coalesce(q.acked_us, 0), coalesce(q.done_us, 0),
  coalesce(q.outcome, ''), coalesce(q.ground, ''), coalesce((SELECT min(p.asked_us) FROM request p
    WHERE p.case_id = q.case_id AND p.incoming = q.incoming AND p.measure = 'preserve'), 0), q.incoming, q.unit
FROM request q WHERE q.case_id = ? AND q.unit <> ? AND q.exercise = 0;

-- name: number_unitless
SELECT 1 FROM number WHERE unit = '' LIMIT 1;

-- name: number_first
SELECT min(month) FROM number;

-- name: number_uncounted
SELECT EXISTS (SELECT 1 FROM request) AND NOT EXISTS (SELECT 1 FROM number);

-- name: outbox_by_partner
SELECT partner, count(*), min(queued_us) FROM outbox WHERE state = 'waiting' GROUP BY partner;

-- name: outbox_by_partner_seen
SELECT o.partner, count(*), min(o.queued_us) FROM outbox o
WHERE o.state = 'waiting' AND (o.case_id IS NULL OR EXISTS (SELECT 1 FROM case_file c WHERE c.id = o.case_id
  AND (c.unit = ? OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = c.id AND n.officer = ?))))
GROUP BY o.partner;

-- name: rebuild_numbers
DELETE FROM number;

-- name: rebuild_number_spreads
DELETE FROM number_spread;

-- name: number_open
SELECT incoming, count(*), sum(CASE WHEN due_us < ? THEN 1 ELSE 0 END) FROM request
WHERE state NOT IN ('executed', 'extended', 'path-disclosed', 'refused', 'impossible', 'withdrawn', 'expired',
    'use-explained', 'closed', 'partial')
GROUP BY incoming;

-- name: number_ending
SELECT incoming, count(*) FROM request
WHERE expiry_us > ? AND expiry_us < ? AND keeps = 1 GROUP BY incoming;

-- The same of what an officer sees: of the unit, and of other units' cases that name the officer.
-- name: number_open_seen
SELECT q.incoming, count(*), sum(CASE WHEN q.due_us < ? THEN 1 ELSE 0 END) FROM request q
WHERE q.unit = ? AND q.state NOT IN ('executed', 'extended', 'path-disclosed', 'refused', 'impossible', 'withdrawn',
    'expired', 'use-explained', 'closed', 'partial')
GROUP BY q.incoming
UNION ALL
SELECT q.incoming, count(*), sum(CASE WHEN q.due_us < ? THEN 1 ELSE 0 END)
FROM named_list n JOIN request q ON q.id = n.subject
WHERE n.officer = ? AND n.list IN (0, 1) AND q.unit <> ? AND q.state NOT IN ('executed', 'extended', 'path-disclosed', 'refused', 'impossible',
    'withdrawn', 'expired', 'use-explained', 'closed', 'partial')
GROUP BY q.incoming;

-- name: number_ending_seen
SELECT q.incoming, count(*) FROM request q
WHERE q.unit = ? AND q.expiry_us > ? AND q.expiry_us < ? AND q.keeps = 1
GROUP BY q.incoming
UNION ALL
SELECT q.incoming, count(*) FROM named_list n JOIN request q ON q.id = n.subject
WHERE n.officer = ? AND n.list = 2 AND q.unit <> ? AND n.key > ? AND n.key < ? AND q.keeps = 1
GROUP BY q.incoming;

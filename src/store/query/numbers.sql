-- Counts and times of requests.

-- name: number_add
INSERT INTO number (month, incoming, partner, measure, urgency, what, ground, n, seconds)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (month, incoming, partner, measure, urgency, what, ground)
DO UPDATE SET n = number.n + excluded.n, seconds = number.seconds + excluded.seconds;

-- name: number_time_add
INSERT INTO number_time (month, incoming, what, by_what, key, step, n) VALUES (?, ?, ?, ?, ?, ?, 1)
ON CONFLICT (month, incoming, what, by_what, key, step) DO UPDATE SET n = number_time.n + 1;

-- name: number_state
SELECT acked_us, done_us, outcome, ground FROM request WHERE id = ?;

-- name: number_mark
UPDATE request SET acked_us = coalesce(?, acked_us), done_us = coalesce(?, done_us), outcome = ?, ground = ?
WHERE id = ?;

-- name: number_preserved
SELECT min(asked_us) FROM request WHERE case_id = ? AND incoming = ? AND measure = 'preserve';

-- name: number_sums
SELECT partner, measure, urgency, what, ground, sum(n), sum(seconds) FROM number
WHERE month >= ? AND month <= ? AND incoming = ?
GROUP BY partner, measure, urgency, what, ground ORDER BY measure, partner, urgency, what, ground;

-- name: number_times
SELECT what, by_what, key, step, sum(n) FROM number_time
WHERE month >= ? AND month <= ? AND incoming = ?
GROUP BY what, by_what, key, step ORDER BY what, by_what, key, step;

-- name: number_first
SELECT min(month) FROM number;

-- name: number_uncounted
SELECT EXISTS (SELECT 1 FROM request) AND NOT EXISTS (SELECT 1 FROM number);

-- name: outbox_by_partner
SELECT partner, count(*), min(queued_us) FROM outbox WHERE state = 'waiting' GROUP BY partner;

-- name: rebuild_numbers
DELETE FROM number;

-- name: rebuild_number_times
DELETE FROM number_time;

-- name: number_open
SELECT incoming, count(*), sum(CASE WHEN due_us < ? THEN 1 ELSE 0 END) FROM request
WHERE state NOT IN ('executed', 'extended', 'path-disclosed', 'refused', 'impossible', 'withdrawn', 'expired',
    'use-explained', 'closed', 'partial')
GROUP BY incoming;

-- name: number_ending
SELECT incoming, count(*) FROM request
WHERE expiry_us > ? AND expiry_us < ? AND state IN ('executed', 'extended', 'partial') GROUP BY incoming;

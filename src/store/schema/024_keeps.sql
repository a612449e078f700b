-- Whether data are kept for a request is not its state: the duty to keep until a date (arts 16(2), 29(7)) goes on when
-- the request is closed. A projection, like the rest of request; for what was closed before this step, a rebuild finds it.
ALTER TABLE request ADD COLUMN keeps INTEGER NOT NULL DEFAULT 0; -- 1 until expiry_us; 2 that time is over; 0 never, or given up
UPDATE request SET keeps = 1 WHERE state IN ('executed', 'extended', 'partial') AND expiry_us IS NOT NULL;
UPDATE request SET keeps = 2 WHERE state = 'expired' AND expiry_us IS NOT NULL;

DROP INDEX request_kept;
CREATE INDEX request_kept ON request (expiry_us) WHERE keeps = 1;
DROP INDEX request_kept_unit;
CREATE INDEX request_kept_unit ON request (unit, expiry_us, id, case_id, incoming, state, partner, measure, urgency,
    officer, exercise)
  WHERE keeps = 1;

DROP VIEW request_listed;
CREATE VIEW request_listed AS
SELECT q.id AS request, q.case_id, n.officer,
  CASE WHEN q.state IN ('need-decision', 'condition-offered') THEN 1 - q.incoming ELSE q.incoming END AS list,
  coalesce(q.due_us, q.asked_us) AS key
FROM request q JOIN case_named n ON n.case_id = q.case_id
WHERE q.state NOT IN ('executed', 'extended', 'path-disclosed', 'refused', 'impossible', 'withdrawn', 'expired',
    'use-explained', 'closed', 'partial')
UNION ALL
SELECT q.id, q.case_id, n.officer, 2, q.expiry_us FROM request q JOIN case_named n ON n.case_id = q.case_id
WHERE q.keeps = 1
UNION ALL
SELECT q.id, q.case_id, n.officer, 3, q.asked_us FROM request q JOIN case_named n ON n.case_id = q.case_id
UNION ALL
SELECT q.id, q.case_id, n.officer, 4, q.heard_us FROM request q JOIN case_named n ON n.case_id = q.case_id
WHERE q.heard_us > n.at_us;

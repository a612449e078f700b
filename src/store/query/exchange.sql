-- Requests, cases, outbox, partners, drafts, officers.

-- name: record_insert
INSERT INTO record (id, kind, case_id, sender, recipient, incoming, at_us, stored_us, sha256, bytes, sig,
  receipt_of)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: record_known
SELECT sha256 FROM record WHERE sender = ? AND id = ?;

-- name: record_sides
SELECT sha256, sender, recipient FROM record WHERE id = ?;

-- name: record_load
SELECT bytes, sig, incoming, stored_us FROM record WHERE id = ? ORDER BY seq LIMIT 1;

-- name: receipt_ours
SELECT bytes, sig FROM record WHERE receipt_of = ? AND recipient = ? AND incoming = 0;

-- name: record_timeline
SELECT id, kind, sender, incoming, at_us, stored_us, sha256, bytes, receipt_of, seq FROM record
WHERE case_id = ? AND seq < ? AND (? = '' OR id = ? OR kind NOT IN ('receipt', 'request'))
ORDER BY seq DESC;

-- name: record_page
SELECT seq, bytes, incoming, stored_us FROM record WHERE seq > ? ORDER BY seq LIMIT 256;

-- name: case_get
SELECT partner, exercise FROM case_file WHERE id = ?;

-- name: case_insert
INSERT INTO case_file (id, ours, theirs, partner, opened_us, changed_us, exercise, unit)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: case_touch
UPDATE case_file SET changed_us = ?, ours = coalesce(?, ours), theirs = coalesce(?, theirs) WHERE id = ?;

-- name: case_partner
UPDATE case_file SET partner = ? WHERE id = ?;

-- name: case_numbers
SELECT ours, theirs FROM case_file WHERE id = ?;

-- name: case_show
SELECT id, ours, theirs, partner, opened_us, changed_us, exercise, unit FROM case_file WHERE id = ?;

-- name: case_walk
SELECT c.id, c.ours, c.theirs, c.partner, c.opened_us, c.changed_us, c.exercise, c.unit, 1
FROM case_file c WHERE c.unit = ? AND c.changed_us <= ? AND (c.changed_us < ? OR c.id < ?)
ORDER BY c.changed_us DESC, c.id DESC;

-- name: case_walk_named
SELECT c.id, c.ours, c.theirs, c.partner, c.opened_us, c.changed_us, c.exercise, c.unit, c.unit <> ?
FROM named_list n JOIN case_file c ON c.id = n.subject
WHERE n.officer = ? AND n.list = 5 AND n.key <= ? AND (n.key < ? OR n.subject < ?)
ORDER BY n.key DESC, n.subject DESC;

-- name: case_walk_witness
SELECT c.id, c.ours, c.theirs, c.partner, c.opened_us, c.changed_us, c.exercise, c.unit,
  c.unit = ? OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = c.id AND n.officer = ?)
FROM case_file c WHERE c.changed_us <= ? AND (c.changed_us < ? OR c.id < ?)
ORDER BY c.changed_us DESC, c.id DESC;

-- name: case_of_number
SELECT c.id, c.ours, c.theirs, c.partner, c.opened_us, c.changed_us, c.exercise, c.unit,
  c.unit = ? OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = c.id AND n.officer = ?)
FROM case_file c WHERE (c.ours = ? OR c.theirs = ?) AND c.changed_us <= ? AND (c.changed_us < ? OR c.id < ?)
ORDER BY c.changed_us DESC, c.id DESC;

-- How a case stands by its latest requests: how many there are, wait for us, wait for the other side, are given up or
-- closed; until when what is kept first ends.
-- name: case_standing
SELECT count(*), coalesce(sum(late.open * late.ours), 0), coalesce(sum(late.open * (1 - late.ours)), 0),
  coalesce(sum(CASE WHEN late.state IN ('closed', 'withdrawn', 'expired') THEN 1 ELSE 0 END), 0),
  coalesce(min(CASE WHEN late.keeps = 1 AND late.extends IS NULL THEN late.expiry_us END), 0)
FROM (
  SELECT q.state, q.keeps, q.extends, q.expiry_us,
    CASE WHEN q.state IN ('need-decision', 'condition-offered') THEN 1 - q.incoming ELSE q.incoming END AS ours,
    CASE WHEN q.state IN ('executed', 'extended', 'path-disclosed', 'refused', 'impossible', 'withdrawn', 'expired',
      'use-explained', 'closed', 'partial') THEN 0 ELSE 1 END AS open
  FROM request q WHERE q.case_id = ? ORDER BY q.asked_us DESC, q.id DESC LIMIT 100) AS late;

-- name: request_insert
INSERT INTO request (id, case_id, measure, partner, incoming, state, urgency, extends, asked_us, due_us,
  changed_us, unit, exercise, heard_us, officer)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce((SELECT c.unit FROM case_file c WHERE c.id = ?), 'all'), ?, ?,
  coalesce((SELECT o.officer FROM request_officer o WHERE o.request = ?), ''));

-- name: request_get
SELECT id, case_id, measure, partner, incoming, state, urgency, extends, asked_us, due_us, expiry_us,
  pending_mla, changed_us, last_notice, officer, unit, exercise, keeps
FROM request WHERE id = ?;

-- name: request_move
UPDATE request SET state = ?, due_us = ?, expiry_us = coalesce(?, expiry_us), keeps = ?, changed_us = ?,
  heard_us = coalesce(?, heard_us), last_notice = ?, alarm_us = CASE WHEN alarm_us IS NULL THEN NULL ELSE 0 END
WHERE id = ?;

-- name: request_keep
UPDATE request SET kept_us = ?, alarm_us = 0, told_us = NULL, drafted = NULL WHERE id = ?;

-- name: request_prolong
UPDATE request SET state = CASE WHEN state = 'closed' THEN state ELSE 'extended' END, expiry_us = ?, keeps = 1,
  changed_us = ?, kept_us = ?, alarm_us = 0, told_us = NULL, drafted = NULL
WHERE id = ? AND keeps > 0;

-- name: request_pending_mla
UPDATE request SET pending_mla = EXISTS (
  SELECT 1 FROM request d WHERE d.case_id = request.case_id AND d.incoming = request.incoming
    AND d.measure IN ('subscriber', 'traffic', 'content')
    AND d.state NOT IN ('executed', 'refused', 'impossible', 'withdrawn', 'closed')),
  alarm_us = CASE WHEN alarm_us IS NULL THEN NULL ELSE 0 END
WHERE case_id = ? AND measure = 'preserve' AND EXISTS (
  SELECT 1 FROM request m WHERE m.case_id = request.case_id
    AND m.measure IN ('subscriber', 'traffic', 'content'));

-- name: request_expired
SELECT id, case_id, partner, expiry_us FROM request
WHERE keeps = 1 AND measure = 'preserve' AND extends IS NULL AND expiry_us <= ? AND pending_mla = 0
LIMIT 200;

-- name: request_expire
UPDATE request SET state = CASE WHEN state IN ('executed', 'extended', 'partial') THEN 'expired' ELSE state END,
  keeps = 2, changed_us = ?, alarm_us = NULL WHERE id = ? AND keeps = 1;

-- name: request_look
UPDATE request SET alarm_us = 0 WHERE id = ? AND alarm_us IS NOT NULL;

-- name: request_alarms
SELECT id, case_id, partner, incoming, state, urgency, expiry_us, pending_mla, kept_us, told_us, drafted, keeps
FROM request WHERE alarm_us <= ? ORDER BY alarm_us LIMIT 200;

-- name: request_told
UPDATE request SET alarm_us = ?, told_us = coalesce(?, told_us), drafted = coalesce(?, drafted)
WHERE id = ?;

-- name: request_told_again
UPDATE request SET told_us = coalesce(?, told_us), drafted = coalesce(?, drafted)
WHERE id = ? AND expiry_us = ?;

-- name: extension_asked
SELECT 1 FROM request e WHERE e.case_id = ? AND e.extends = ?
  AND (e.asked_us >= ? OR e.state NOT IN ('extended', 'impossible', 'refused', 'withdrawn', 'closed'))
LIMIT 1;

-- name: request_urgency
SELECT urgency FROM request WHERE id = ?;

-- name: case_urgent
SELECT 1 FROM request WHERE case_id = ? AND urgency IN ('emergency', 'urgent') LIMIT 1;

-- name: outbox_insert
INSERT INTO outbox (record_id, partner, case_id, lane, state, next_us, queued_us)
VALUES (?, ?, ?, ?, 'waiting', ?, ?);

-- name: outbox_waiting
SELECT o.seq, o.record_id, o.attempts, o.next_us, r.sha256, r.bytes, r.sig,
  (SELECT max(p.seq) FROM outbox p WHERE p.case_id = o.case_id AND p.state = 'waiting'
    AND p.seq < o.seq AND p.partner = o.partner)
FROM outbox o JOIN record r ON r.sender = ? AND r.id = o.record_id
WHERE o.state = 'waiting' AND o.partner = ? AND o.lane = ? AND o.seq > ? AND o.next_us <= ?
ORDER BY o.seq;

-- name: outbox_next
SELECT min(next_us) FROM outbox
WHERE state = 'waiting' AND partner = ? AND lane = ? AND seq > ? AND next_us > ?;

-- name: outbox_partners
SELECT DISTINCT partner FROM outbox WHERE state = 'waiting';

-- name: outbox_settle
UPDATE outbox SET state = ?, settled_us = ?, receipt_id = ?, last_error = ?, attempts = attempts + 1
WHERE seq = ? AND record_id = ? AND state = 'waiting';

-- name: outbox_postpone
UPDATE outbox SET attempts = attempts + 1, next_us = ?, last_error = ?
WHERE seq = ? AND record_id = ? AND state = 'waiting';

-- name: outbox_release
UPDATE outbox SET next_us = ? WHERE state = 'waiting' AND partner = ? AND next_us > ?;

-- name: outbox_of_record
SELECT state, attempts, last_error, queued_us, settled_us, lane, next_us, receipt_id, partner
FROM outbox WHERE record_id = ?;

-- name: outbox_list
SELECT o.seq, o.record_id, o.partner, o.case_id, o.lane, o.state, o.attempts, o.next_us, o.queued_us,
  o.settled_us, o.last_error, o.receipt_id
FROM outbox o
WHERE (? = '' OR o.state = ?) AND (? = '' OR o.partner = ?) AND (? = '' OR o.case_id = ?)
  AND (o.case_id IS NULL OR EXISTS (SELECT 1 FROM case_file c WHERE c.id = o.case_id AND (c.unit = ?
    OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = c.id AND n.officer = ?))))
ORDER BY o.seq DESC LIMIT ?;

-- name: outbox_list_state
SELECT o.seq, o.record_id, o.partner, o.case_id, o.lane, o.state, o.attempts, o.next_us, o.queued_us,
  o.settled_us, o.last_error, o.receipt_id
FROM outbox o
WHERE o.state = ? AND (? = '' OR o.partner = ?) AND (? = '' OR o.case_id = ?)
  AND (o.case_id IS NULL OR EXISTS (SELECT 1 FROM case_file c WHERE c.id = o.case_id AND (c.unit = ?
    OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = c.id AND n.officer = ?))))
ORDER BY o.seq DESC LIMIT ?;

-- name: partner_all
SELECT address, state, entry FROM partner ORDER BY address;

-- name: partner_contact
UPDATE partner SET last_contact_us = ?, skew_us = coalesce(?, skew_us), last_theirs = ? WHERE address = ?;

-- name: revoked_all
SELECT sha256, address, since_us, reason FROM revoked;

-- name: draft_insert
INSERT INTO draft (id, kind, record, created_by, created_us, state, about, reason, case_id, unit)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: draft_get
SELECT kind, record, created_by, created_us, state, approved_by, approved_us, reason, about, case_id, unit
FROM draft WHERE id = ?;

-- name: draft_open
SELECT id, kind, record, created_by, created_us, state, approved_by, approved_us, reason, about, case_id, unit
FROM draft WHERE state IN ('draft', 'waiting', 'approved')
  AND (unit = ? OR (created_by = ? AND unit <> '-named')
    OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = draft.case_id AND n.officer = ?))
ORDER BY created_us DESC LIMIT ?;

-- name: draft_in_state
SELECT id, kind, record, created_by, created_us, state, approved_by, approved_us, reason, about, case_id, unit
FROM draft WHERE state = ?
  AND (unit = ? OR (created_by = ? AND unit <> '-named')
    OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = draft.case_id AND n.officer = ?))
ORDER BY created_us DESC LIMIT ?;

-- name: draft_decide
UPDATE draft SET state = ?, approved_by = ?, approved_us = ?, reason = ?
WHERE id = ? AND state = 'waiting' AND created_by <> ?;

-- Whoever approved it takes that back before it was carried out.
-- name: draft_retract
UPDATE draft SET state = 'rejected', reason = ?
WHERE id = ? AND state = 'approved' AND approved_by = ?;

-- name: draft_counts
SELECT state, count(*) FROM draft WHERE state IN ('draft', 'waiting', 'approved') GROUP BY state;

-- name: draft_about
SELECT id, created_by FROM draft WHERE about = ? AND kind = 'request'
  AND state IN ('draft', 'waiting', 'approved') LIMIT 1;

-- name: draft_sent_back
SELECT id, kind, record, created_by, created_us, state, approved_by, approved_us, reason, about, case_id, unit
FROM draft WHERE state = 'rejected' AND created_us > ? AND created_by = ? AND approved_by IS NOT NULL
  AND (unit <> '-named' OR case_id IN (SELECT n.case_id FROM case_named n WHERE n.officer = ?))
ORDER BY created_us DESC LIMIT ?;

-- name: draft_drop
UPDATE draft SET state = 'dropped', reason = coalesce(?, reason)
WHERE id = ? AND state IN ('draft', 'waiting', 'approved', 'rejected', 'unfinished');

-- name: draft_replace
UPDATE draft SET state = 'dropped'
WHERE id = ? AND created_by = ? AND kind = 'request'
  AND state IN ('draft', 'waiting', 'approved', 'rejected', 'unfinished');

-- What its author has not finished is nobody else's to see.
-- name: draft_unfinish
UPDATE draft SET state = 'unfinished' WHERE id = ? AND state = 'draft';

-- name: draft_unfinished
SELECT id, kind, record, created_by, created_us, state, approved_by, approved_us, reason, about, case_id, unit
FROM draft WHERE state = 'unfinished' AND created_by = ? AND unit <> '-named'
ORDER BY created_us DESC LIMIT ?;

-- name: draft_unfinished_count
SELECT count(*) FROM draft WHERE state = 'unfinished' AND created_by = ?;

-- name: draft_lapse
UPDATE draft SET state = 'rejected', reason = ?
WHERE about = ? AND created_by = 'node' AND state IN ('draft', 'waiting', 'approved');

-- name: draft_sent
UPDATE draft SET state = 'sent' WHERE id = ? AND state IN ('draft', 'approved');

-- name: officer_by_token
SELECT name, role, unit FROM officer WHERE token_sha256 = ? AND disabled_us IS NULL;

-- name: officer_insert
INSERT INTO officer (name, role, token_sha256, created_us) VALUES (?, ?, ?, ?);

-- name: officer_disable
UPDATE officer SET disabled_us = ? WHERE name = ? AND disabled_us IS NULL;

-- name: officer_all
SELECT name, role, created_us, disabled_us, unit FROM officer ORDER BY name;

-- The log, the latest first: by time, and what is of one moment by number.
-- name: event_place
SELECT at_us FROM event WHERE seq <= ? ORDER BY seq DESC LIMIT 1;

-- name: event_names
SELECT what FROM event WHERE what >= ? AND what < ? ORDER BY what LIMIT 1;

-- name: event_back
SELECT seq, id, at_us, what, who, detail FROM event
WHERE at_us >= ? AND at_us <= ? AND (at_us < ? OR seq < ?)
ORDER BY at_us DESC, seq DESC LIMIT ?;

-- name: event_back_what
SELECT seq, id, at_us, what, who, detail FROM event
WHERE what = ? AND at_us >= ? AND at_us <= ? AND (at_us < ? OR seq < ?)
ORDER BY at_us DESC, seq DESC LIMIT ?;

-- name: event_back_who
SELECT seq, id, at_us, what, who, detail FROM event
WHERE who = ? AND at_us >= ? AND at_us <= ? AND (at_us < ? OR seq < ?)
ORDER BY at_us DESC, seq DESC LIMIT ?;

-- name: event_back_who_what
SELECT seq, id, at_us, what, who, detail FROM event
WHERE who = ? AND what = ? AND at_us >= ? AND at_us <= ? AND (at_us < ? OR seq < ?)
ORDER BY at_us DESC, seq DESC LIMIT ?;

-- name: rebuild_alarms
SELECT detail FROM event WHERE what = 'alarm' ORDER BY seq;

-- name: rebuild_requests
DELETE FROM request;

-- name: rebuild_cases
DELETE FROM case_file;

-- name: partner_put
INSERT INTO partner (address, state, entry_id, entry, changed_us) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (address) DO UPDATE SET state = excluded.state, entry_id = excluded.entry_id,
  entry = excluded.entry, changed_us = excluded.changed_us;

-- name: revoked_put
INSERT INTO revoked (sha256, address, since_us, reason, by_whom) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (sha256) DO NOTHING;

-- name: rebuild_expire
UPDATE request SET state = CASE WHEN state IN ('executed', 'extended', 'partial') THEN 'expired' ELSE state END,
  keeps = 2, changed_us = expiry_us, alarm_us = NULL
WHERE keeps = 1 AND measure = 'preserve' AND extends IS NULL AND expiry_us <= ? AND pending_mla = 0;

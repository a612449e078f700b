-- Partners as the operator decided, and what status tells.

-- name: partner_upsert
INSERT INTO partner (address, state, entry_id, entry, changed_us) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (address) DO UPDATE SET state = ?2, entry_id = ?3, entry = ?4, changed_us = ?5;

-- name: partner_state
UPDATE partner SET state = ?1, changed_us = ?2 WHERE address = ?3;

-- name: partner_row
SELECT state, entry_id, entry, changed_us, last_contact_us, skew_us FROM partner WHERE address = ?1;

-- name: partner_rows
SELECT address, state, entry, changed_us, last_contact_us, skew_us FROM partner ORDER BY address;

-- name: partner_counts
SELECT state, count(*) FROM partner GROUP BY state;

-- name: revoke_insert
INSERT INTO revoked (sha256, address, since_us, reason, by_whom) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (sha256) DO NOTHING;

-- name: revoked_of
SELECT sha256, since_us, reason, by_whom FROM revoked WHERE address = ?1 ORDER BY since_us;

-- name: own_entry
SELECT bytes, sig FROM record WHERE kind = 'entry' AND sender = ?1 AND incoming = 0 ORDER BY seq DESC LIMIT 1;

-- name: own_entry_by_id
SELECT bytes FROM record WHERE id = ?1 AND sender = ?2 AND kind = 'entry' AND incoming = 0;

-- name: partner_entry_of_ours
SELECT r.bytes FROM partner p JOIN record r ON r.id = p.has_ours AND r.kind = 'entry' AND r.incoming = 0
WHERE p.address = ?;

-- name: partner_has_ours
UPDATE partner SET has_ours = ?1 WHERE address = ?2;

-- name: partners_with_ours
SELECT address, coalesce(has_ours, '') FROM partner WHERE state = 'accepted' ORDER BY 2, 1;

-- name: partner_last
SELECT r.bytes, r.sig FROM partner p JOIN record r ON r.id = p.last_theirs AND r.sender = p.address WHERE p.address = ?;

-- name: own_record_digest
SELECT sha256 FROM record WHERE id = ?1 AND sender = ?2;

-- name: event_last
SELECT at_us FROM event WHERE what = ? ORDER BY at_us DESC LIMIT 1;

-- name: outbox_counts
SELECT count(*) FROM outbox WHERE state = ?1;

-- name: request_counts
SELECT state, incoming, count(*) FROM request GROUP BY state, incoming;

-- name: checkpoint_head
SELECT size, at_us, token IS NOT NULL FROM checkpoint ORDER BY size DESC LIMIT 1;

-- name: ledger_size
SELECT coalesce(max(seq), 0) FROM leaf;

-- name: receipt_theirs
SELECT id, bytes, sig, at_us FROM record WHERE receipt_of = ? AND sender = ? AND incoming = 1;

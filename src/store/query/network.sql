-- What partners may read.

-- name: exhibit_for_partner
SELECT sealed_size FROM exhibit WHERE id = ?1 AND partner = ?2 AND incoming = 0 AND state <> 'destroyed';

-- Templates of forms. An officer sees the own ones and those of the unit.

-- name: template_list
SELECT id, measure, name, officer, unit, fields, changed_us, recipient, urgency FROM form_template
WHERE ((unit IS NULL AND officer = ?) OR unit = ?) AND (measure = ? OR ? = '')
ORDER BY measure, name, id LIMIT 1000;

-- name: template_get
SELECT id, measure, name, officer, unit, fields, changed_us, recipient, urgency FROM form_template
WHERE id = ? AND ((unit IS NULL AND officer = ?) OR unit = ?);

-- name: template_count
SELECT count(*) FROM form_template WHERE officer = ?;

-- name: template_put
INSERT INTO form_template (id, measure, name, officer, unit, fields, changed_us, recipient, urgency)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, unit = excluded.unit, fields = excluded.fields,
  changed_us = excluded.changed_us, recipient = excluded.recipient, urgency = excluded.urgency;

-- name: template_drop
DELETE FROM form_template WHERE id = ?;

-- name: draft_latest
SELECT record FROM draft WHERE created_by = ? AND kind = 'request' ORDER BY created_us DESC LIMIT 1;

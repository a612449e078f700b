-- Exhibits of the same content, the first first: the same letter may be attached a hundred thousand times.
DROP INDEX exhibit_plain;
CREATE INDEX exhibit_plain ON exhibit (plain_sha256, changed_us, id);

-- Profiles of law that were sent to a partner: a few among all records.
CREATE INDEX record_lawprofile ON record (sender, recipient, at_us) WHERE kind = 'lawprofile';

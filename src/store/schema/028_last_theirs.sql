-- The last record that a partner signed and that is here. The partner asks for it at its start: if it does not have it
-- any more, it runs on an old copy of itself.
ALTER TABLE partner ADD COLUMN last_theirs TEXT;

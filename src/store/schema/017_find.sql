-- Finding: a page of cases that goes on after a row, cases by number, the beginnings of words.

DROP INDEX case_of_unit;
CREATE INDEX case_of_unit ON case_file (unit, changed_us, id);
DROP INDEX case_changed;
CREATE INDEX case_changed ON case_file (changed_us, id);
CREATE INDEX case_ours ON case_file (ours);
CREATE INDEX case_theirs ON case_file (theirs) WHERE theirs IS NOT NULL;

-- Partial before: SQLite then began at its condition, not where the officer's time here begins.
DROP INDEX request_heard_unit;
CREATE INDEX request_heard_unit ON request (unit, heard_us);

-- The words that records hold, in their order: so that the beginning of a word can be looked for as the words that
-- have it (exchange/search_text.c). A view of the index, no table of its own.

CREATE VIRTUAL TABLE search_term USING fts5vocab (search_text, 'instance');

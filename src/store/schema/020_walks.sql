-- Pages that are walks: cases that name an officer of another unit, the two logs by who, what and when, and where a
-- record that is searched belongs.

-- What a case that names an officer puts into that officer's lists, each in its order: a projection of case_named,
-- case_file and request (exchange/sight.h), so that a page of it is read and not sorted.
CREATE TABLE named_list (
  officer TEXT NOT NULL,
  list INTEGER NOT NULL,            -- 0 open and the partner's move, 1 open and ours, 2 kept, 3 all, 4 heard, 5 cases
  key INTEGER NOT NULL,             -- due or asked; expiry; asked; heard; changed
  subject TEXT NOT NULL,            -- request; case
  PRIMARY KEY (officer, list, key, subject)
);
CREATE INDEX named_list_subject ON named_list (subject);

CREATE VIEW request_listed AS
SELECT q.id AS request, q.case_id, n.officer,
  CASE WHEN q.state IN ('need-decision', 'condition-offered') THEN 1 - q.incoming ELSE q.incoming END AS list,
  coalesce(q.due_us, q.asked_us) AS key
FROM request q JOIN case_named n ON n.case_id = q.case_id
WHERE q.state NOT IN ('executed', 'extended', 'path-disclosed', 'refused', 'impossible', 'withdrawn', 'expired',
    'use-explained', 'closed', 'partial')
UNION ALL
SELECT q.id, q.case_id, n.officer, 2, q.expiry_us FROM request q JOIN case_named n ON n.case_id = q.case_id
WHERE q.state IN ('executed', 'extended', 'partial') AND q.expiry_us IS NOT NULL
UNION ALL
SELECT q.id, q.case_id, n.officer, 3, q.asked_us FROM request q JOIN case_named n ON n.case_id = q.case_id
UNION ALL
SELECT q.id, q.case_id, n.officer, 4, q.heard_us FROM request q JOIN case_named n ON n.case_id = q.case_id
WHERE q.heard_us > n.at_us;

INSERT INTO named_list (officer, list, key, subject)
SELECT officer, list, key, request FROM request_listed;
INSERT INTO named_list (officer, list, key, subject)
SELECT n.officer, 5, c.changed_us, c.id FROM case_named n JOIN case_file c ON c.id = n.case_id;
DROP INDEX case_named_officer;

-- Both logs, the latest first, by each thing that one asks of them. In the order of time: a day is found without
-- reading what is outside, also where the clock was set back.
CREATE INDEX event_at ON event (at_us);
CREATE INDEX event_what ON event (what, at_us);
CREATE INDEX event_who ON event (who, at_us);
CREATE INDEX event_who_what ON event (who, what, at_us);
CREATE INDEX access_at ON access (at_us);
DROP INDEX access_case;
CREATE INDEX access_case ON access (case_id, at_us);
CREATE INDEX access_case_officer ON access (case_id, officer, at_us);
DROP INDEX access_officer;
CREATE INDEX access_officer ON access (officer, at_us);

-- What an officer usually writes begins a form.
CREATE INDEX draft_author ON draft (created_by, kind, created_us);

-- The words that records hold, in their order. As a view of the index they were found only by reading over all records
-- that hold the word before. The clerk finds those of new records in an index of those alone, emptied each time.
CREATE TABLE search_word (
  term TEXT PRIMARY KEY
);
DROP TABLE search_term;
CREATE VIRTUAL TABLE search_term USING fts5vocab (search_text, 'row');
INSERT INTO search_word (term) SELECT term FROM search_term;
DROP TABLE search_term;
CREATE VIRTUAL TABLE search_fresh USING fts5 (
  text, content = '', tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'");
CREATE VIRTUAL TABLE search_fresh_word USING fts5vocab (search_fresh, 'row');

-- Each text with the blocks of numbers that its record is in, so that words are looked for in the records of some
-- blocks and the index is read no further (exchange/search_walk.c): of 4,096, 32,768 and 262,144. U+E000 begins them,
-- which is no letter of anybody. This takes a minute for a million records.
CREATE VIRTUAL TABLE search_blocked USING fts5 (
  text, block, tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'");
INSERT INTO search_blocked (rowid, text, block)
SELECT rowid, text, char(57344) || 'a' || (rowid / 4096) || ' ' || char(57344) || 'b' || (rowid / 32768) || ' ' ||
  char(57344) || 'c' || (rowid / 262144)
FROM search_text ORDER BY rowid;
DROP TABLE search_text;
ALTER TABLE search_blocked RENAME TO search_text;

-- Of each record that is searched: its case, and when it was stored. Narrow, so that thousands are looked at without
-- reading the records; filled by the clerk that fills search_text.
CREATE TABLE search_place (
  seq INTEGER PRIMARY KEY,          -- of the record; rowid of search_text
  case_id TEXT NOT NULL,
  stored_us INTEGER NOT NULL
);
INSERT INTO search_place (seq, case_id, stored_us)
SELECT r.seq, r.case_id, r.stored_us FROM record r
WHERE r.case_id IS NOT NULL AND r.kind <> 'receipt' AND r.seq <= (SELECT m.seq FROM clerk_mark m WHERE m.clerk = 'search');

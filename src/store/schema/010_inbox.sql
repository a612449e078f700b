-- The inbox: who has taken a request, who has read what the other side said, filters kept by name. Tables are local
-- truth, never rebuilt from records; columns of request are projections, officer of request_officer.

CREATE TABLE request_officer (       -- who has taken a request; no row: nobody
  request TEXT PRIMARY KEY,
  officer TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  at_us INTEGER NOT NULL
);
CREATE TABLE request_read (          -- an officer has seen what was said until then
  officer TEXT NOT NULL,
  request TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (officer, request)
);
CREATE TABLE inbox_view (            -- a filter of the inbox under a name
  officer TEXT NOT NULL,
  name TEXT NOT NULL,
  filter TEXT NOT NULL,              -- JSON, as inbox.list takes it
  created_us INTEGER NOT NULL,
  PRIMARY KEY (officer, name)
);
ALTER TABLE preference ADD COLUMN sound INTEGER NOT NULL DEFAULT 0; -- 1: the inbox rings when something new came

ALTER TABLE request ADD COLUMN exercise INTEGER NOT NULL DEFAULT 0; -- as its case
ALTER TABLE request ADD COLUMN heard_us INTEGER NOT NULL DEFAULT 0; -- the other side last said something; 0: nothing
ALTER TABLE request ADD COLUMN officer TEXT NOT NULL DEFAULT '';
UPDATE request SET exercise = 1 WHERE case_id IN (SELECT c.id FROM case_file c WHERE c.exercise = 1);
UPDATE request SET heard_us = asked_us WHERE incoming = 1;

-- What is open, by whose move it is and when it is due: a page of the inbox is read from here alone, whatever filter is
-- on, and only the rows that are shown are looked up.
DROP INDEX request_open_unit;
CREATE INDEX request_open_unit ON request (unit,
    (CASE WHEN state IN ('need-decision', 'condition-offered') THEN 1 - incoming ELSE incoming END),
    coalesce(due_us, asked_us), id, case_id, incoming, state, partner, measure, urgency, officer, exercise, due_us, asked_us)
  WHERE state NOT IN ('executed', 'extended', 'path-disclosed', 'refused', 'impossible', 'withdrawn', 'expired',
    'use-explained', 'closed', 'partial');
CREATE INDEX request_kept_unit ON request (unit, expiry_us, id, case_id, incoming, state, partner, measure, urgency,
    officer, exercise)
  WHERE state IN ('executed', 'extended', 'partial');
DROP INDEX request_case;
CREATE INDEX request_case ON request (case_id, asked_us, id);
DROP INDEX request_of_unit;
CREATE INDEX request_of_unit ON request (unit, asked_us, id);
CREATE INDEX request_heard_unit ON request (unit, heard_us) WHERE heard_us > 0;

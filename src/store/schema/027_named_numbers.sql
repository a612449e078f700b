-- What cases of all units that name an officer count, kept as numbers of a unit are (008, 021): computed from the requests
-- at each look, a page of numbers grew slower with every case that named its reader.

CREATE TABLE named_number (
  officer TEXT NOT NULL,
  incoming INTEGER NOT NULL,
  month INTEGER NOT NULL,
  unit TEXT NOT NULL,               -- whose case it is: those of the reader's own unit are in that unit's numbers
  partner TEXT NOT NULL,
  measure TEXT NOT NULL,
  urgency TEXT NOT NULL,
  what TEXT NOT NULL,
  ground TEXT NOT NULL,
  n INTEGER NOT NULL,
  seconds INTEGER NOT NULL,
  PRIMARY KEY (officer, incoming, month, unit, partner, measure, urgency, what, ground)
);
CREATE TABLE named_spread (
  officer TEXT NOT NULL,
  incoming INTEGER NOT NULL,
  what TEXT NOT NULL,
  by_what TEXT NOT NULL,
  key TEXT NOT NULL,
  month INTEGER NOT NULL,
  unit TEXT NOT NULL,
  steps TEXT NOT NULL,
  PRIMARY KEY (officer, incoming, what, by_what, key, month, unit)
);
CREATE TABLE named_counted (        -- a row: they are counted; without it they are, when the node starts
  at_us INTEGER NOT NULL
);

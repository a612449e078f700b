-- Counts by the unit whose cases they are of: who reads numbers is told of what they may see. Counts of before stay as
-- they are; where cases have other units than 'all' nobody can tell whose they were, so that they are in the whole alone
-- (unit '') until a rebuild counts anew.

CREATE TABLE number_by_unit (
  month INTEGER NOT NULL,
  incoming INTEGER NOT NULL,
  unit TEXT NOT NULL,
  partner TEXT NOT NULL,
  measure TEXT NOT NULL,
  urgency TEXT NOT NULL,
  what TEXT NOT NULL,
  ground TEXT NOT NULL,
  n INTEGER NOT NULL,
  seconds INTEGER NOT NULL,
  PRIMARY KEY (month, incoming, unit, partner, measure, urgency, what, ground)
);
INSERT INTO number_by_unit (month, incoming, unit, partner, measure, urgency, what, ground, n, seconds)
SELECT month, incoming, CASE WHEN EXISTS (SELECT 1 FROM case_unit) THEN '' ELSE 'all' END, partner, measure, urgency, what,
  ground, n, seconds
FROM number;
DROP TABLE number;
ALTER TABLE number_by_unit RENAME TO number;

CREATE TABLE number_time_by_unit (
  month INTEGER NOT NULL,
  incoming INTEGER NOT NULL,
  unit TEXT NOT NULL,
  what TEXT NOT NULL,
  by_what TEXT NOT NULL,
  key TEXT NOT NULL,
  step INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (month, incoming, unit, what, by_what, key, step)
);
INSERT INTO number_time_by_unit (month, incoming, unit, what, by_what, key, step, n)
SELECT month, incoming, CASE WHEN EXISTS (SELECT 1 FROM case_unit) THEN '' ELSE 'all' END, what, by_what, key, step, n
FROM number_time;
DROP TABLE number_time;
ALTER TABLE number_time_by_unit RENAME TO number_time;

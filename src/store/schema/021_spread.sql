-- How long it took, all steps of a month in one row: with a row for each step there were as many as there were requests,
-- and a page of numbers read them all.

CREATE TABLE number_spread (
  incoming INTEGER NOT NULL,
  what TEXT NOT NULL,               -- acknowledged, fulfilled
  by_what TEXT NOT NULL,            -- all, partner, measure, hour
  key TEXT NOT NULL,                -- which partner, measure or hour (UTC, of asking)
  month INTEGER NOT NULL,           -- when it was asked, UTC: 202611
  unit TEXT NOT NULL,               -- whose case it is; '' of before units were counted
  steps TEXT NOT NULL,              -- "12:5 14:1": five in step 12, one in step 14 (exchange/numbers.h)
  PRIMARY KEY (incoming, what, by_what, key, month, unit)
);
INSERT INTO number_spread (incoming, what, by_what, key, month, unit, steps)
SELECT incoming, what, by_what, key, month, unit, group_concat(step || ':' || n, ' ')
FROM (SELECT * FROM number_time WHERE n <> 0 ORDER BY step) AS t GROUP BY incoming, what, by_what, key, month, unit;
DROP TABLE number_time;

-- What is counted of requests (exchange/numbers.c). Projections, made again by a rebuild. Sums are kept as things
-- happen: what pages and reports show must not grow slower with the requests that ever were.

CREATE TABLE number (
  month INTEGER NOT NULL,           -- when it was asked, UTC: 202611
  incoming INTEGER NOT NULL,
  partner TEXT NOT NULL,
  measure TEXT NOT NULL,
  urgency TEXT NOT NULL,
  what TEXT NOT NULL,               -- asked, acknowledged, or an outcome; see numbers.c
  ground TEXT NOT NULL,             -- of a refusal; otherwise empty
  n INTEGER NOT NULL,
  seconds INTEGER NOT NULL,         -- from asking, summed
  PRIMARY KEY (month, incoming, partner, measure, urgency, what, ground)
);

CREATE TABLE number_time (          -- how long it took, in steps of 9 %: medians without reading every request
  month INTEGER NOT NULL,
  incoming INTEGER NOT NULL,
  what TEXT NOT NULL,               -- acknowledged, fulfilled
  by_what TEXT NOT NULL,            -- all, partner, measure, hour
  key TEXT NOT NULL,                -- which partner, measure or hour (UTC, of asking)
  step INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (month, incoming, what, by_what, key, step)
);

ALTER TABLE request ADD COLUMN acked_us INTEGER; -- the asked side first said anything
ALTER TABLE request ADD COLUMN done_us INTEGER;  -- first fulfilled
ALTER TABLE request ADD COLUMN outcome TEXT;     -- as counted
ALTER TABLE request ADD COLUMN ground TEXT;      -- of the refusal that is counted

CREATE INDEX outbox_oldest ON outbox (partner, queued_us) WHERE state = 'waiting';

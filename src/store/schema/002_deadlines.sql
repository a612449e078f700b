-- The clock of a preservation (exchange/alarm.c). Projections, like the rest of request: kept_us and
-- alarm_us come from the records, told_us and drafted from the events named alarm.

ALTER TABLE request ADD COLUMN kept_us INTEGER;  -- since when expiry_us is what it is
ALTER TABLE request ADD COLUMN alarm_us INTEGER; -- the sweep looks at it again then; NULL: never
ALTER TABLE request ADD COLUMN told_us INTEGER;  -- the last alarm told for this end was due then
ALTER TABLE request ADD COLUMN drafted TEXT;     -- draft of an extension, made for this end
CREATE INDEX request_alarm ON request (alarm_us) WHERE alarm_us IS NOT NULL;

UPDATE request SET kept_us = changed_us, alarm_us = 0
WHERE state IN ('executed', 'extended', 'partial') AND measure = 'preserve' AND extends IS NULL
  AND expiry_us IS NOT NULL;

ALTER TABLE draft ADD COLUMN about TEXT;         -- the request that it extends or answers
CREATE INDEX draft_about ON draft (about) WHERE about IS NOT NULL;
CREATE INDEX draft_open ON draft (state) WHERE state IN ('draft', 'waiting', 'approved');

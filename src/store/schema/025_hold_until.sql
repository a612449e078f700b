-- A hold may name a day on which somebody is to look at it again. It reminds, and ends nothing.
ALTER TABLE keeping ADD COLUMN hold_until_us INTEGER;
CREATE INDEX keeping_hold_until ON keeping (hold_until_us) WHERE hold_until_us IS NOT NULL AND gone_us IS NULL;

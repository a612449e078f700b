-- What has to be decided about evidence: its period ends, or a hold on it ended. A projection as the rest of keeping.

ALTER TABLE keeping ADD COLUMN unheld_us INTEGER; -- a hold ended, and nothing was said of it since
ALTER TABLE keeping ADD COLUMN gone_us INTEGER;   -- the exhibit was destroyed
UPDATE keeping SET gone_us = (SELECT e.changed_us FROM exhibit e WHERE e.id = keeping.subject AND e.state = 'destroyed');
CREATE INDEX keeping_decide ON keeping (coalesce(until_us, unheld_us))
  WHERE gone_us IS NULL AND hold_us IS NULL AND coalesce(until_us, unheld_us) IS NOT NULL;

-- Custody: lineage, conditions that go with an exhibit, how long it is kept. Projections of manifests, notices,
-- informations and custody records, but for keeping_told.

ALTER TABLE exhibit ADD COLUMN derived_from TEXT;
ALTER TABLE exhibit ADD COLUMN derived_root TEXT;
ALTER TABLE exhibit ADD COLUMN derived_by TEXT;
ALTER TABLE exhibit ADD COLUMN shut INTEGER NOT NULL DEFAULT 0; -- in the store: checked in and not out since
ALTER TABLE exhibit ADD COLUMN erased_us INTEGER;               -- its file is gone; destroyed comes before
CREATE INDEX exhibit_derived ON exhibit (derived_from) WHERE derived_from IS NOT NULL;
CREATE INDEX exhibit_plain ON exhibit (plain_sha256);
CREATE INDEX exhibit_unerased ON exhibit (changed_us) WHERE state = 'destroyed' AND erased_us IS NULL;

CREATE TABLE marking (              -- a condition of art. 26(2) or 28(2)
  record_id TEXT NOT NULL,          -- that set it
  n INTEGER NOT NULL,               -- which of its conditions
  subject TEXT NOT NULL,            -- the case, or the exhibit whose manifest carried it
  owner TEXT NOT NULL,              -- whose condition it is
  type TEXT NOT NULL,
  text TEXT NOT NULL,
  article TEXT NOT NULL,
  request TEXT,
  bound INTEGER NOT NULL,           -- 0: offered and not accepted yet
  since_us INTEGER NOT NULL,
  PRIMARY KEY (record_id, n, subject)
);
CREATE INDEX marking_subject ON marking (subject);
CREATE INDEX marking_request ON marking (request) WHERE request IS NOT NULL;

CREATE TABLE easing (               -- a further use that the owner of conditions allows
  record_id TEXT PRIMARY KEY,
  exhibit TEXT NOT NULL,
  owner TEXT NOT NULL,
  use TEXT NOT NULL,                -- share, other
  to_address TEXT NOT NULL,         -- with whom; empty: with anybody
  until_us INTEGER
);
CREATE INDEX easing_exhibit ON easing (exhibit);

CREATE TABLE keeping (              -- how long an exhibit, or what a whole case has, is kept
  subject TEXT PRIMARY KEY,         -- exhibit or case
  case_id TEXT NOT NULL,
  since_us INTEGER,
  until_us INTEGER,
  rule TEXT,
  source TEXT,
  hold_us INTEGER,                  -- NULL: not on hold
  hold_by TEXT,
  hold_why TEXT
);
CREATE INDEX keeping_case ON keeping (case_id);
CREATE INDEX keeping_until ON keeping (until_us) WHERE until_us IS NOT NULL;

CREATE TABLE keeping_told (         -- local truth: the last alarm of a period that was told
  subject TEXT NOT NULL,
  until_us INTEGER NOT NULL,
  due_us INTEGER NOT NULL,
  PRIMARY KEY (subject, until_us)
);

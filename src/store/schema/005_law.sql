-- The law beside a request (exchange/advice.c, exchange/lawbook.c). Both are projections: advice of
-- the events named law.advice, law_profile of the records of that kind.

CREATE TABLE advice (               -- what was advised when somebody decided
  event INTEGER PRIMARY KEY,        -- seq of the event that says it
  request TEXT NOT NULL             -- id of the request, also while it is a draft
);
CREATE INDEX advice_request ON advice (request, event);

CREATE TABLE law_profile (          -- what an economy says of its own law: the latest of each
  economy TEXT PRIMARY KEY,
  record_id TEXT NOT NULL,
  sender TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  changed INTEGER NOT NULL,         -- counts up: whoever has a book sees that it is old
  profile TEXT NOT NULL             -- JSON, format: docs/law.md
);

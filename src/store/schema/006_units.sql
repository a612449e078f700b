-- Need to know: who sees which case. Local truth, never rebuilt from records. One unit at first with everybody in it,
-- so that nothing changes until an administrator makes others.

CREATE TABLE unit (
  name TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  intake INTEGER NOT NULL DEFAULT 0, -- 1: new cases of partners come here; one unit has it
  created_us INTEGER NOT NULL
);
INSERT INTO unit (name, title, intake, created_us) VALUES ('all', 'Everybody', 1, 0);

ALTER TABLE officer ADD COLUMN unit TEXT NOT NULL DEFAULT 'all'; -- 'none': only cases that name the officer

CREATE TABLE case_unit (             -- cases of other units than 'all': a rebuild asks here
  case_id TEXT PRIMARY KEY,
  unit TEXT NOT NULL
);
CREATE TABLE case_named (            -- officers who see a case whatever their unit
  case_id TEXT NOT NULL,
  officer TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (case_id, officer)
);
CREATE INDEX case_named_officer ON case_named (officer, case_id);

ALTER TABLE case_file ADD COLUMN unit TEXT NOT NULL DEFAULT 'all';
CREATE INDEX case_of_unit ON case_file (unit, changed_us);
ALTER TABLE request ADD COLUMN unit TEXT NOT NULL DEFAULT 'all';
CREATE INDEX request_of_unit ON request (unit, asked_us);
CREATE INDEX request_open_unit ON request (unit, coalesce(due_us, asked_us))
  WHERE state NOT IN ('executed', 'extended', 'path-disclosed', 'refused', 'impossible', 'withdrawn', 'expired',
    'use-explained', 'closed', 'partial');
DROP INDEX request_open;
ALTER TABLE draft ADD COLUMN unit TEXT NOT NULL DEFAULT 'all';
ALTER TABLE draft ADD COLUMN case_id TEXT;
CREATE INDEX draft_case ON draft (case_id) WHERE case_id IS NOT NULL;

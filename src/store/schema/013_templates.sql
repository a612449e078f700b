-- Fields of a form that an officer begins with: their own, or of the unit. Local truth, never rebuilt from records.

CREATE TABLE form_template (
  id TEXT PRIMARY KEY,
  measure TEXT NOT NULL,
  name TEXT NOT NULL,
  officer TEXT NOT NULL,             -- who made it
  unit TEXT,                         -- whose it is; NULL: the officer's alone
  fields TEXT NOT NULL,              -- JSON: code to value
  changed_us INTEGER NOT NULL
);
CREATE INDEX form_template_officer ON form_template (officer);
CREATE INDEX form_template_unit ON form_template (unit) WHERE unit IS NOT NULL;

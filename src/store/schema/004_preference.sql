-- How an officer wants pages: local truth of the desk, never rebuilt from records.

CREATE TABLE preference (
  officer TEXT PRIMARY KEY,
  language TEXT NOT NULL,            -- "th"; empty: as the browser says
  zone TEXT NOT NULL                 -- "Asia/Bangkok"; empty: the node's
);

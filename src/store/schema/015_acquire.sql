-- Acquisitions that have not ended (evidence/ops_acquire.c): what only the node has is the key, wrapped for it, without
-- which nobody goes on after a stop. No projection of records: one becomes a record when it ends.

CREATE TABLE acquisition (
  id TEXT PRIMARY KEY,              -- of the exhibit that it becomes
  case_id TEXT NOT NULL,
  partner TEXT NOT NULL,            -- whom it is for
  officer TEXT NOT NULL,
  name TEXT NOT NULL,
  source TEXT NOT NULL,             -- JSON, as in the manifest
  wrapped BLOB NOT NULL,            -- file key, CMS EnvelopedData for this node
  begun_us INTEGER NOT NULL
);

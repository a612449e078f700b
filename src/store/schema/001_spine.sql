-- Truth: record, leaf, event. Everything else is a projection that `comity rebuild` makes again.
-- Times are microseconds since the epoch, UTC. Portable SQL: runs on SQLite and PostgreSQL.

CREATE TABLE record (
  seq INTEGER PRIMARY KEY,          -- order of commit on this node
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  case_id TEXT,                     -- NULL for records outside any case
  sender TEXT NOT NULL,
  recipient TEXT NOT NULL,
  incoming INTEGER NOT NULL,        -- 1: from a partner
  at_us INTEGER NOT NULL,           -- what the sender's clock said
  stored_us INTEGER NOT NULL,       -- what ours said
  sha256 BLOB NOT NULL,             -- of bytes
  bytes BLOB NOT NULL,              -- exactly as signed
  sig BLOB NOT NULL,                -- detached CMS
  receipt_of TEXT                   -- kind receipt: the record it answers
);
CREATE UNIQUE INDEX record_id_sender ON record (id, sender);
CREATE INDEX record_case ON record (case_id, seq);
CREATE INDEX record_receipt ON record (receipt_of) WHERE receipt_of IS NOT NULL;

CREATE TABLE leaf (
  seq INTEGER PRIMARY KEY,          -- leaf index + 1
  subject TEXT NOT NULL,            -- record id (our own and a partner's may share one) or event id
  type INTEGER NOT NULL,            -- 1 record, 2 event
  salt BLOB NOT NULL,
  entry BLOB NOT NULL,
  hash BLOB NOT NULL
);
CREATE INDEX leaf_subject ON leaf (subject);

CREATE TABLE tile (
  level INTEGER NOT NULL,
  n INTEGER NOT NULL,
  width INTEGER NOT NULL,           -- 1..256; only the last of a level is partial
  hashes BLOB NOT NULL,
  PRIMARY KEY (level, n)
);

CREATE TABLE checkpoint (
  size INTEGER PRIMARY KEY,
  at_us INTEGER NOT NULL,
  root BLOB NOT NULL,
  note TEXT NOT NULL,               -- signed note, C2SP tlog-checkpoint
  token BLOB                        -- RFC 3161 TimeStampResp over SHA-256(note); NULL until stamped
);

CREATE TABLE event (                -- administrative acts: who changed what on this node
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  at_us INTEGER NOT NULL,
  what TEXT NOT NULL,
  who TEXT NOT NULL,
  detail TEXT NOT NULL              -- JSON: the exact bytes the leaf commits to
);

-- ---- projections ----
CREATE TABLE case_file (
  id TEXT PRIMARY KEY,
  ours TEXT NOT NULL,
  theirs TEXT,
  partner TEXT NOT NULL,
  opened_us INTEGER NOT NULL,
  changed_us INTEGER NOT NULL,
  exercise INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX case_changed ON case_file (changed_us);

CREATE TABLE request (
  id TEXT PRIMARY KEY,              -- of the request record
  case_id TEXT NOT NULL,
  measure TEXT NOT NULL,
  partner TEXT NOT NULL,            -- the other side
  incoming INTEGER NOT NULL,
  state TEXT NOT NULL,              -- see exchange/states.c
  urgency TEXT NOT NULL,            -- emergency, urgent, routine
  extends TEXT,                     -- the preservation request this one asks to prolong
  asked_us INTEGER NOT NULL,
  due_us INTEGER,                   -- an answer is expected by then
  expiry_us INTEGER,                -- the preservation runs until then, art. 29(7)
  pending_mla INTEGER NOT NULL DEFAULT 0, -- a request for disclosure keeps it alive, art. 29(7)
  changed_us INTEGER NOT NULL,
  last_notice TEXT                  -- record id of the latest notice
);
CREATE INDEX request_case ON request (case_id);
CREATE INDEX request_state ON request (state, due_us);
CREATE INDEX request_asked ON request (asked_us);

CREATE TABLE draft (
  id TEXT PRIMARY KEY,              -- becomes the record's id
  kind TEXT NOT NULL,
  record TEXT NOT NULL,             -- JSON of what will be signed, without signature
  created_by TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  state TEXT NOT NULL,              -- draft, waiting, approved, sent, rejected
  approved_by TEXT,
  approved_us INTEGER,
  reason TEXT
);

CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY,          -- order of sending within a partner
  record_id TEXT NOT NULL UNIQUE,
  partner TEXT NOT NULL,
  case_id TEXT,                     -- order holds within a case, not across cases
  lane INTEGER NOT NULL,            -- 0 urgent, 1 usual
  state TEXT NOT NULL,              -- waiting, delivered, refused, given-up
  attempts INTEGER NOT NULL DEFAULT 0,
  next_us INTEGER NOT NULL,
  queued_us INTEGER NOT NULL,
  settled_us INTEGER,
  receipt_id TEXT,
  last_error TEXT
);
CREATE INDEX outbox_waiting ON outbox (state, partner, lane, seq);
CREATE INDEX outbox_case ON outbox (case_id, state, seq);

CREATE TABLE partner (
  address TEXT PRIMARY KEY,
  state TEXT NOT NULL,              -- offered, accepted, blocked
  entry_id TEXT NOT NULL,           -- the entry record in force
  entry TEXT NOT NULL,              -- its bytes: the signed JSON
  changed_us INTEGER NOT NULL,
  last_contact_us INTEGER,
  skew_us INTEGER                   -- their clock minus ours, last seen
);

CREATE TABLE revoked (              -- certificates no longer trusted
  sha256 BLOB PRIMARY KEY,
  address TEXT NOT NULL,
  since_us INTEGER NOT NULL,
  reason TEXT NOT NULL,
  by_whom TEXT NOT NULL
);

CREATE TABLE officer (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL,               -- duty, investigator, approver, custodian, auditor, trainer, administrator
  token_sha256 BLOB NOT NULL,
  created_us INTEGER NOT NULL,
  disabled_us INTEGER
);

CREATE TABLE exhibit (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  name TEXT NOT NULL,
  media TEXT NOT NULL,
  partner TEXT,                     -- to whom or from whom
  incoming INTEGER NOT NULL,
  state TEXT NOT NULL,              -- sealed, offered, fetching, complete, verified, failed, destroyed
  plain_size INTEGER NOT NULL,
  sealed_size INTEGER NOT NULL,
  plain_sha256 TEXT NOT NULL,
  sealed_sha256 TEXT NOT NULL,
  sealed_header BLOB NOT NULL,      -- first bytes of the sealed file, of the manifest
  manifest_id TEXT,                 -- record of kind manifest
  wrapped BLOB,                     -- file key, CMS EnvelopedData for this node
  done_bytes INTEGER NOT NULL DEFAULT 0,
  changed_us INTEGER NOT NULL
);
CREATE INDEX exhibit_case ON exhibit (case_id);

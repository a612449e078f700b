-- The API: tokens of limited scope, webhooks, full-text search. Tokens and webhooks are local truth; what is
-- searched is a projection that a clerk fills from the records.

CREATE TABLE token (
  digest BLOB PRIMARY KEY,          -- SHA-256 of the token
  name TEXT NOT NULL UNIQUE,
  officer TEXT NOT NULL,
  scopes TEXT NOT NULL,             -- comma list: read, requests, evidence, admin
  created_us INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  ends_us INTEGER NOT NULL,
  used_us INTEGER,
  revoked_us INTEGER
);

CREATE TABLE webhook (
  id TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  events TEXT NOT NULL,             -- comma list: record, state, expiry
  secret TEXT NOT NULL,             -- key of the HMAC; the receiver has it too
  created_us INTEGER NOT NULL,
  created_by TEXT NOT NULL
);

CREATE TABLE webhook_delivery (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,                 -- of the occurrence: the receiver drops what it has seen
  webhook TEXT NOT NULL,
  body TEXT NOT NULL,               -- ids and kinds, never personal data
  attempts INTEGER NOT NULL DEFAULT 0,
  next_us INTEGER NOT NULL,
  queued_us INTEGER NOT NULL,
  state TEXT NOT NULL,              -- waiting, delivered, given-up
  last_error TEXT,
  UNIQUE (webhook, id)
);
CREATE INDEX webhook_due ON webhook_delivery (next_us) WHERE state = 'waiting';

CREATE TABLE clerk_mark (           -- how far a clerk that follows the records has come
  clerk TEXT PRIMARY KEY,           -- search, webhook.record, webhook.event
  seq INTEGER NOT NULL
);
INSERT INTO clerk_mark (clerk, seq) VALUES ('search', 0), ('webhook.record', 0), ('webhook.event', 0);

-- One row a record, rowid its seq. Letters of Thai, Chinese, Japanese and their like stand alone (search.c
-- parts them), so that a word is found in text without spaces. PostgreSQL: a tsvector behind the same queries.
CREATE VIRTUAL TABLE search_text USING fts5 (
  text, tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'");

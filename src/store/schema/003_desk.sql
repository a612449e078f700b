-- The desk: how officers sign in, who is signed in, who looked at what. Local truth, never rebuilt from records.

CREATE TABLE sign_in (               -- one way of an officer to sign in
  id INTEGER PRIMARY KEY,
  officer TEXT NOT NULL,
  kind TEXT NOT NULL,                -- password, totp, passkey
  name TEXT NOT NULL,                -- for people: "yubikey on the ring"
  handle BLOB,                       -- passkey: credential id
  secret BLOB NOT NULL,              -- Argon2id string; TOTP key; passkey's public key
  counter INTEGER NOT NULL DEFAULT 0, -- passkey's sign count; TOTP's last step: none is taken twice
  created_us INTEGER NOT NULL,
  used_us INTEGER
);
CREATE INDEX sign_in_officer ON sign_in (officer, kind);
CREATE UNIQUE INDEX sign_in_handle ON sign_in (handle) WHERE handle IS NOT NULL;

CREATE TABLE session (
  digest BLOB PRIMARY KEY,           -- SHA-256 of the cookie
  public_id TEXT NOT NULL UNIQUE,    -- names it on the page of sessions
  officer TEXT NOT NULL,
  csrf BLOB NOT NULL,
  created_us INTEGER NOT NULL,
  seen_us INTEGER NOT NULL,
  ends_us INTEGER NOT NULL,          -- however busy
  peer TEXT NOT NULL,
  agent TEXT NOT NULL,
  way TEXT NOT NULL                  -- password, passkey, invitation
);
CREATE INDEX session_officer ON session (officer, seen_us);

CREATE TABLE invitation (            -- a link that works once: the first administrator, a new officer, a lost key
  digest BLOB PRIMARY KEY,
  officer TEXT NOT NULL,
  made_by TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  ends_us INTEGER NOT NULL,
  used_us INTEGER
);

CREATE TABLE access (                -- who saw what
  seq INTEGER PRIMARY KEY,
  at_us INTEGER NOT NULL,
  officer TEXT NOT NULL,
  what TEXT NOT NULL,                -- the operation
  case_id TEXT,
  subject TEXT NOT NULL,             -- id of what was shown
  session TEXT NOT NULL
);
CREATE INDEX access_case ON access (case_id, seq);
CREATE INDEX access_officer ON access (officer, seq);

-- What is not settled is little beside all that ever was: found without reading the rest.
CREATE INDEX request_open ON request (coalesce(due_us, asked_us))
  WHERE state NOT IN ('executed', 'extended', 'path-disclosed', 'refused', 'impossible', 'withdrawn', 'expired',
    'use-explained', 'closed', 'partial');
CREATE INDEX request_expiry ON request (expiry_us) WHERE expiry_us IS NOT NULL;

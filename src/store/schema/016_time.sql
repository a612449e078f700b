-- Time-stamps that come late, which event names each, and archive time-stamps over them.

ALTER TABLE checkpoint ADD COLUMN named TEXT;  -- the event that names its token: it cannot be removed unseen
UPDATE checkpoint SET named = '' WHERE token IS NOT NULL; -- from before: by the event "checkpoint", or not
CREATE INDEX checkpoint_late ON checkpoint (size) WHERE token IS NULL;
CREATE INDEX checkpoint_unnamed ON checkpoint (size) WHERE named IS NULL;

CREATE TABLE stamp_end (            -- when certificates of time-stamps end that no archive time-stamp covers
  until_us INTEGER PRIMARY KEY
);

CREATE TABLE archive (              -- archive time-stamps: over the newest checkpoint, its token and the link before
  n INTEGER PRIMARY KEY,            -- 1, 2, 3
  at_us INTEGER NOT NULL,
  size INTEGER NOT NULL,            -- of the checkpoint
  text TEXT NOT NULL,               -- lines as sha512sum writes them
  token BLOB NOT NULL,              -- TimeStampResp over SHA-512(text)
  until_us INTEGER NOT NULL         -- when its certificate ends
);

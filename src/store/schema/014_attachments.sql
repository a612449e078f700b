-- Files that travel with records: held here until their record is sent, then exhibits like any other.

CREATE TABLE held (                 -- given to this node, not offered to a partner yet: local truth, never rebuilt
  id TEXT PRIMARY KEY,              -- becomes the exhibit's; names the sealed file in the vault
  owner TEXT NOT NULL,              -- the officer who gave it
  name TEXT NOT NULL,
  media TEXT NOT NULL,
  state TEXT NOT NULL,              -- filling, held
  for_id TEXT,                      -- the draft or record that it goes with; NULL: none yet
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  sealed TEXT,                      -- JSON: "sealed" of the manifest to come
  wrapped BLOB,                     -- file key, CMS EnvelopedData for this node
  created_us INTEGER NOT NULL
);
CREATE INDEX held_for ON held (for_id) WHERE for_id IS NOT NULL;
CREATE INDEX held_owner ON held (owner);

CREATE TABLE attached (             -- what records say they carry; a projection
  record_id TEXT NOT NULL,
  sender TEXT NOT NULL,
  place INTEGER NOT NULL,           -- in the record's list, from 0
  case_id TEXT NOT NULL,
  incoming INTEGER NOT NULL,
  name TEXT NOT NULL,
  media TEXT NOT NULL,
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  exhibit TEXT,                     -- once a manifest offered it
  PRIMARY KEY (record_id, sender, place)
);
CREATE INDEX attached_exhibit ON attached (exhibit) WHERE exhibit IS NOT NULL;

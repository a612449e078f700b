-- What pages of the desk ask at every visit, found without reading all that ever was.

CREATE INDEX record_entry ON record (sender, seq) WHERE kind = 'entry'; -- nodes' directory entries: a few among all
CREATE INDEX draft_state ON draft (state, created_us);                  -- what was sent stays in the table
CREATE INDEX exhibit_changed ON exhibit (changed_us);
CREATE INDEX exhibit_state ON exhibit (state, changed_us);

-- What is kept now, by when it ends: an index over states would find every one that was ever kept.
DROP INDEX request_state;
DROP INDEX request_expiry;
CREATE INDEX request_kept ON request (expiry_us) WHERE state IN ('executed', 'extended', 'partial');

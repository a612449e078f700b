-- Exhibits may be compressed before they are sealed.

ALTER TABLE exhibit ADD COLUMN coding TEXT NOT NULL DEFAULT ''; -- '' or zstd, of the manifest

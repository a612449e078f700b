-- Which entry of ours each partner has in force: a renewed certificate signs when all have it.
ALTER TABLE partner ADD COLUMN has_ours TEXT;  -- id of our entry; NULL: not said

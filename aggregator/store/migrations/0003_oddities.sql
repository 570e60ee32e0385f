-- +goose Up

-- note: what was odd about the last whole document, for people. charset: how that was decoded. shared: the keys that identify no item of
-- the source, because different items had them: hashes of 16 hex digits, divided by spaces, the last used first.
ALTER TABLE sources ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN charset TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN shared TEXT NOT NULL DEFAULT '';

-- Every document is read once more: of items with one key, earlier builds kept the last.
UPDATE sources SET etag = '', last_modified = '', digest = substr(digest, 1, 0);

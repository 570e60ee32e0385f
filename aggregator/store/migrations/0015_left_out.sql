-- +goose Up

-- Why the item becomes no story; NULL: it has one, or waits for one.
ALTER TABLE items ADD COLUMN left_out TEXT;

DROP INDEX items_ungrouped;
CREATE INDEX items_ungrouped ON items (seen, filed) WHERE story IS NULL AND left_out IS NULL;

-- What was left out is counted by source, and found when it left its feed long ago.
CREATE INDEX items_left_out ON items (source, last_seen) WHERE left_out IS NOT NULL;

-- How the source's document was read: with another recipe it is read anew.
ALTER TABLE sources ADD COLUMN recipe TEXT NOT NULL DEFAULT '';

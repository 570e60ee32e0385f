-- +goose Up

-- The outlets that another nashra names as having the item, as JSON; empty: the source is none, or is not trusted.
ALTER TABLE items ADD COLUMN origins TEXT NOT NULL DEFAULT '';

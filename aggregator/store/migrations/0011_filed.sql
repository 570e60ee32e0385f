-- +goose Up

-- The items of a period are found without reading the others.
CREATE INDEX items_filed ON items (filed);

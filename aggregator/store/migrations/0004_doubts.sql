-- +goose Up

-- What checks doubt in the title and in the body: names of checks, each followed by its place, "title" or a paragraph's number.
ALTER TABLE translations ADD COLUMN title_doubts TEXT NOT NULL DEFAULT '';
ALTER TABLE translations ADD COLUMN body_doubts TEXT NOT NULL DEFAULT '';

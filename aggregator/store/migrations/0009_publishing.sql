-- +goose Up

-- Where publishing failed at the last try, and why. place: as in outputs. since, last: the first and the last failure in a row.
CREATE TABLE publishing (
	place TEXT   NOT NULL PRIMARY KEY,
	cause TEXT   NOT NULL,
	since BIGINT NOT NULL,
	last  BIGINT NOT NULL
);

-- What changed lately is found without reading the other stories, and so are the hidden ones.
CREATE INDEX stories_changed ON stories (changed);
CREATE INDEX stories_hidden ON stories (number) WHERE hidden;

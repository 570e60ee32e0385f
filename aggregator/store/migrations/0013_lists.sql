-- +goose Up

-- What lists of sources name. list: the id under which the list is polled. place: in the list, from 0. missed: how often in a row the
-- list was read and did not name the source.
CREATE TABLE entries (
	list     TEXT   NOT NULL,
	source   TEXT   NOT NULL,
	place    BIGINT NOT NULL,
	url      TEXT   NOT NULL,
	title_en TEXT   NOT NULL,
	title_ar TEXT   NOT NULL,
	site     TEXT   NOT NULL,
	lang     TEXT   NOT NULL,
	missed   BIGINT NOT NULL,
	PRIMARY KEY (list, source)
);
CREATE INDEX entries_source ON entries (source);

-- changed grows whenever the entries of a list change.
CREATE TABLE lists (
	id      TEXT   NOT NULL PRIMARY KEY,
	changed BIGINT NOT NULL
);

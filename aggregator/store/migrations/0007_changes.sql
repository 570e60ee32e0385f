-- +goose Up

-- The number of the last change of what stories or sources show; there is one row, once something changed.
CREATE TABLE changes (
	id     INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
	number BIGINT  NOT NULL
);

-- changed: the number of the last change of what the story shows.
ALTER TABLE stories ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;

-- made: a hash of what the file was made from. size, modified (Unix nanoseconds): the file's once it was written, to notice what others
-- do to it. waiting: the page shows a story that is not fully translated. kept: since when the page's story is no longer among the newest.
ALTER TABLE outputs ADD COLUMN made BYTEA;
ALTER TABLE outputs ADD COLUMN size BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outputs ADD COLUMN modified BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outputs ADD COLUMN waiting BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE outputs ADD COLUMN kept BIGINT NOT NULL DEFAULT 0;

-- What is due is found without reading the other sources.
CREATE INDEX sources_due ON sources (due);

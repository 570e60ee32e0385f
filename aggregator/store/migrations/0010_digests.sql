-- +goose Up

-- What digest channels wrote, a row a period. start is in the period, until is not. at: when it was written; what was seen later is not of it.
-- by_published: items counted when they were published. events, only_here: JSON, the first ranked first; a period without both has no entry.
CREATE TABLE digests (
	channel      TEXT    NOT NULL,
	start        BIGINT  NOT NULL,
	until        BIGINT  NOT NULL,
	at           BIGINT  NOT NULL,
	by_published BOOLEAN NOT NULL,
	events       TEXT    NOT NULL,
	only_here    TEXT    NOT NULL,
	PRIMARY KEY (channel, start)
);

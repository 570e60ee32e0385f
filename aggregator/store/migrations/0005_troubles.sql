-- +goose Up

-- What engines fail at. kind: of the failure. departed: the engine was left, in count turns at texts; otherwise count single texts failed.
CREATE TABLE troubles (
	engine   TEXT    NOT NULL,
	kind     TEXT    NOT NULL,
	cause    TEXT    NOT NULL,
	departed BOOLEAN NOT NULL,
	count    BIGINT  NOT NULL,
	since    BIGINT  NOT NULL,
	last     BIGINT  NOT NULL,
	PRIMARY KEY (engine, kind)
);

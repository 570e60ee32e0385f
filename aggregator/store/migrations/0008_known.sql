-- +goose Up

-- What the items of a source's last whole document were made from: see aggregator/known.go. A row that is missing costs time only.
CREATE TABLE known (
	source TEXT  NOT NULL PRIMARY KEY,
	hashes BYTEA NOT NULL
);

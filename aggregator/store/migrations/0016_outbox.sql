-- +goose Up

-- The targets of messages. since: when the target was first seen; it is told of later stories alone. sent, given_up: messages.
-- failures, failing, error: how often in a row sending failed, since when and why. again: nothing is sent before.
CREATE TABLE targets (
	id       TEXT   NOT NULL PRIMARY KEY,
	since    BIGINT NOT NULL,
	sent     BIGINT NOT NULL,
	given_up BIGINT NOT NULL,
	failures BIGINT NOT NULL,
	failing  BIGINT NOT NULL,
	again    BIGINT NOT NULL,
	error    TEXT   NOT NULL
);

-- What targets are told. key: the id of a story or a digest, or more/N for one line that sums up that many stories (stories).
-- state: waiting, done (sent, summed up or not to be sent), or left: the story as of that change did not meet the conditions.
-- at: when it was queued. filed: the order within that. tries, again: attempts that failed, and when to try again.
CREATE TABLE outbox (
	target  TEXT   NOT NULL,
	key     TEXT   NOT NULL,
	state   TEXT   NOT NULL,
	changed BIGINT NOT NULL,
	stories BIGINT NOT NULL,
	at      BIGINT NOT NULL,
	filed   BIGINT NOT NULL,
	tries   BIGINT NOT NULL,
	again   BIGINT NOT NULL,
	PRIMARY KEY (target, key)
);
CREATE INDEX outbox_state ON outbox (target, state);
CREATE INDEX outbox_key ON outbox (key);

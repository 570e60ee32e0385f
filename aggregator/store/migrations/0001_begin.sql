-- One text for SQLite and PostgreSQL. Times are Unix milliseconds, 0 the zero time. BYTEA is PostgreSQL's name for bytes; SQLite keeps
-- bytes under any name. INTEGER PRIMARY KEY is SQLite's own row number, and four bytes in PostgreSQL.

-- +goose Up

-- What is remembered of a source. ttl: seconds. skip_hours, skip_days: a bit an hour and weekday. clock: its server's when it last
-- succeeded. whole: the last poll that brought
-- all it holds. An item that was marked within a day of it is in the source's document still, however often that has come back
-- unchanged since.
CREATE TABLE sources (
	id            TEXT    NOT NULL PRIMARY KEY,
	address       TEXT    NOT NULL,
	url           TEXT    NOT NULL,
	etag          TEXT    NOT NULL,
	last_modified TEXT    NOT NULL,
	digest        BYTEA   NOT NULL,
	title         TEXT    NOT NULL,
	site          TEXT    NOT NULL,
	lang          TEXT    NOT NULL,
	ttl           BIGINT  NOT NULL,
	skip_hours    BIGINT  NOT NULL,
	skip_days     BIGINT  NOT NULL,
	due           BIGINT  NOT NULL,
	why           TEXT    NOT NULL,
	held          BIGINT  NOT NULL,
	gone          BOOLEAN NOT NULL,
	polled        BIGINT  NOT NULL,
	succeeded     BIGINT  NOT NULL,
	clock         BIGINT  NOT NULL,
	failures      BIGINT  NOT NULL,
	error         TEXT    NOT NULL,
	class         TEXT    NOT NULL,
	whole         BIGINT  NOT NULL,
	pages_day     BIGINT  NOT NULL DEFAULT 0,
	pages         BIGINT  NOT NULL DEFAULT 0
);

-- A story's number is that of the item it was born with.
CREATE TABLE stories (
	number    INTEGER NOT NULL PRIMARY KEY,
	id        TEXT    NOT NULL UNIQUE,
	published BIGINT  NOT NULL,
	updated   BIGINT  NOT NULL CHECK (updated >= published),
	lead      INTEGER NOT NULL,
	hidden    BOOLEAN NOT NULL
);
CREATE INDEX stories_newest ON stories (published DESC, id);

-- What is asked and marked of an item; its words are in texts, so that a mark moves few bytes. key: source, a zero byte, guid: as bytes,
-- which sort alike in every database. Items, their texts and signatures and their stories' identities are written and deleted together
-- (expire.go), and name no foreign keys for it: to look one up cost PostgreSQL 14 µs.
CREATE TABLE items (
	id        INTEGER NOT NULL PRIMARY KEY,
	key       BYTEA   NOT NULL UNIQUE,
	source    TEXT    NOT NULL CHECK (source <> ''),
	guid      TEXT    NOT NULL CHECK (guid <> ''),
	filed     BIGINT  NOT NULL,
	seen      BIGINT  NOT NULL CHECK (seen <> 0),
	last_seen BIGINT  NOT NULL,
	sum       BYTEA   NOT NULL,
	story     INTEGER,
	kind      TEXT    NOT NULL,
	why       TEXT    NOT NULL
);
CREATE INDEX items_ungrouped ON items (seen, filed) WHERE story IS NULL;
CREATE INDEX items_story ON items (story, source) WHERE story IS NOT NULL;
CREATE INDEX items_last_seen ON items (last_seen);

CREATE TABLE texts (
	item       INTEGER NOT NULL PRIMARY KEY,
	url        TEXT    NOT NULL,
	lang       TEXT    NOT NULL,
	title      TEXT    NOT NULL,
	summary    TEXT    NOT NULL,
	body       TEXT    NOT NULL,
	authors    TEXT    NOT NULL,
	categories TEXT    NOT NULL,
	enclosures TEXT    NOT NULL,
	images     TEXT    NOT NULL,
	rights     TEXT    NOT NULL,
	published  BIGINT  NOT NULL,
	updated    BIGINT  NOT NULL
);

-- What came of looking for the article that an item links to. sum: the item's then; for another one the rest does not count. again: when
-- it may be looked for again; 0: never.
CREATE TABLE articles (
	item  INTEGER NOT NULL PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
	sum   BYTEA   NOT NULL,
	at    BIGINT  NOT NULL,
	tries BIGINT  NOT NULL,
	again BIGINT  NOT NULL,
	error TEXT    NOT NULL
);

-- The hosts that were asked for articles. rules: of their robots.txt, which hold until then.
CREATE TABLE hosts (
	origin TEXT   NOT NULL PRIMARY KEY,
	rules  TEXT   NOT NULL,
	until  BIGINT NOT NULL,
	asked  BIGINT NOT NULL,
	held   BIGINT NOT NULL,
	failures BIGINT NOT NULL
);

-- What items are grouped by: apart from the items, so that a mark moves few bytes, and from the texts, which are three times as long.
CREATE TABLE signatures (
	item      INTEGER NOT NULL PRIMARY KEY,
	signature BYTEA   NOT NULL
);

-- What the stories of the last days are found by, a row for all that was filed at once (index.go); seen: the newest of them was first seen.
CREATE TABLE filed (
	id      INTEGER NOT NULL PRIMARY KEY,
	seen    BIGINT  NOT NULL,
	entries BYTEA   NOT NULL
);

-- The identity keys of every item that a story ever had.
CREATE TABLE identities (
	key   BIGINT  NOT NULL,
	story INTEGER NOT NULL,
	PRIMARY KEY (key, story)
);
CREATE INDEX identities_story ON identities (story);

-- The identity keys, and the hashed items' keys, of stories that retention took: what has one of them does not come back.
CREATE TABLE tombstones (
	key BIGINT NOT NULL PRIMARY KEY
);

-- Stories that report the same event, each pair twice: why is the same.
CREATE TABLE links (
	story INTEGER NOT NULL REFERENCES stories (number) ON DELETE CASCADE,
	other INTEGER NOT NULL REFERENCES stories (number) ON DELETE CASCADE,
	why   TEXT    NOT NULL,
	PRIMARY KEY (story, other)
);
CREATE INDEX links_other ON links (other);

CREATE TABLE translations (
	story   INTEGER NOT NULL PRIMARY KEY REFERENCES stories (number) ON DELETE CASCADE,
	lang    TEXT    NOT NULL,
	state   TEXT    NOT NULL,
	engine  TEXT    NOT NULL,
	model   TEXT    NOT NULL,
	at      BIGINT  NOT NULL,
	source  BYTEA   NOT NULL,
	title_terms TEXT NOT NULL,
	body_terms  TEXT NOT NULL,
	title   TEXT    NOT NULL, -- these last: what stands behind a long text takes its pages to be read
	summary TEXT    NOT NULL,
	body    TEXT    NOT NULL
);

-- The files that were published, by the place they stand in: '' where one process publishes. at: the list of that place last changed.
CREATE TABLE outputs (
	place TEXT   NOT NULL,
	path  TEXT   NOT NULL,
	sum   BYTEA  NOT NULL,
	at    BIGINT NOT NULL,
	PRIMARY KEY (place, path)
);

-- The translation memory.
CREATE TABLE memory (
	key       BYTEA   NOT NULL,
	engine    TEXT    NOT NULL,
	model     TEXT    NOT NULL,
	revision  TEXT    NOT NULL,
	glossary  TEXT    NOT NULL,
	human     BOOLEAN NOT NULL,
	lang_from TEXT    NOT NULL,
	lang_to   TEXT    NOT NULL,
	role      TEXT    NOT NULL,
	source    TEXT    NOT NULL,
	target    TEXT    NOT NULL,
	at        BIGINT  NOT NULL,
	PRIMARY KEY (key, engine, model, revision, glossary, human)
);

-- What is reserved and not yet settled; days and months are those of the budget's zone.
CREATE TABLE reservations (
	ticket BIGINT NOT NULL PRIMARY KEY,
	engine TEXT   NOT NULL,
	day    TEXT   NOT NULL,
	month  TEXT   NOT NULL,
	chars  BIGINT NOT NULL,
	micros BIGINT NOT NULL
);

-- The segments that are being bought: nobody else buys them until the ticket is settled, or until that time.
CREATE TABLE claims (
	key    BYTEA  NOT NULL PRIMARY KEY,
	ticket BIGINT NOT NULL REFERENCES reservations (ticket) ON DELETE CASCADE,
	until  BIGINT NOT NULL
);

-- What was spent, a row a day and engine.
CREATE TABLE spent (
	engine TEXT   NOT NULL,
	day    TEXT   NOT NULL,
	month  TEXT   NOT NULL,
	chars  BIGINT NOT NULL,
	micros BIGINT NOT NULL,
	PRIMARY KEY (engine, day)
);

-- +goose Up

-- note: what was odd about the last whole document, for people. charset: how that was decoded. shared: the keys that identify no item of
-- the source, because different items had them: hashes of 16 hex digits, divided by spaces, the last used first.
ALTER TABLE sources ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN charset TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN shared TEXT NOT NULL DEFAULT '';

-- Every document is read once more: of items with one key, earlier builds kept the last.
UPDATE sources SET etag = '', last_modified = '', digest = substr(digest, 1, 0);

-- Items of one source that have its page, or its words, in common are stories of their own. Those that the source still has are grouped
-- anew, but the one that the story began with, whose id readers saw. Without a sum they are signed anew first.
UPDATE stories SET lead = number, updated = CASE WHEN published > (SELECT MAX(polled) FROM sources) THEN published
		ELSE (SELECT MAX(polled) FROM sources) END
	WHERE EXISTS (SELECT 1 FROM items o JOIN items l ON l.id = stories.lead JOIN sources s ON s.id = o.source
		WHERE o.id = stories.number AND o.story = stories.number AND o.id <> l.id AND o.source = l.source
			AND o.why LIKE 'identity:%' AND o.last_seen >= s.whole - 86400000);
UPDATE items SET kind = 'update', why = 'identity: earlier lead' WHERE kind = 'lead' AND id NOT IN (SELECT lead FROM stories);
UPDATE items SET kind = 'lead', why = '' WHERE kind <> 'lead' AND id IN (SELECT lead FROM stories);
UPDATE items SET story = NULL, kind = '', why = '', sum = substr(sum, 1, 0)
	WHERE kind = 'update' AND why LIKE 'identity:%'
		AND source = (SELECT l.source FROM stories st JOIN items l ON l.id = st.lead WHERE st.number = items.story)
		AND last_seen >= (SELECT s.whole - 86400000 FROM sources s WHERE s.id = items.source);

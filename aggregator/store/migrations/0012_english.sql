-- +goose Up

-- titled: when the story's headline was first translated. held: when an English edition first held the story back until then. 0: never.
ALTER TABLE stories ADD COLUMN titled BIGINT NOT NULL DEFAULT 0;
ALTER TABLE stories ADD COLUMN held BIGINT NOT NULL DEFAULT 0;

-- Of stories that were translated before, the time of the last translation is known.
UPDATE stories SET titled = COALESCE((SELECT t.at FROM translations t
	WHERE t.story = stories.number AND (t.title <> '' OR t.state = 'done')), 0);

-- What was held back and is translated now is found without reading the other stories.
CREATE INDEX stories_late ON stories (titled) WHERE held > 0;

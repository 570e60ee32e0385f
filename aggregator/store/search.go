package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// searching holds what differs between the databases' search indexes. Both have a row for each
// story, at its place.
type searching struct {
	tables     []string // create the index if it is missing
	add        string   // inserts rows of a table that follows: place, words
	place      string   // the column of the place
	plan       string   // runs before a query; may be empty
	found      string   // the rows of search that have the words $1
	quote, and string   // around each word, and between words that must all be there
}

// indexedTable creates the list of stories in the index: their places, and the stamp of what was
// indexed.
const indexedTable = `CREATE TABLE IF NOT EXISTS indexed
	(story INTEGER NOT NULL PRIMARY KEY, place BIGINT NOT NULL UNIQUE, stamp BIGINT NOT NULL)`

// searchable creates the index if it is missing. The index is derived from other tables and not
// part of the schema: only a server makes it, and copies between databases leave it out.
func (s *Store) searchable(ctx context.Context) error {
	if s.searched.Load() {
		return nil
	}
	err := s.write(ctx, func(tx transaction) error {
		for _, table := range append([]string{indexedTable}, s.dialect.search.tables...) {
			if err := tx.run(ctx, table); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("make the index of words: %w", err)
	}
	s.searched.Store(true)
	return nil
}

// place orders the index by time: seconds of publication, then the story's number, which is below
// 2^31. It works until 2106.
func place(published, number int64) int64 { return max(0, published/1000)<<31 | number }

// storiesIndexed is how many stories one transaction indexes. Other writers wait for it, some tens
// of milliseconds.
const storiesIndexed = 200

// Index brings the search index up to date and returns how many stories it changed. If it is
// stopped, what it did so far stays. What another process indexes meanwhile is left to that.
func (s *Store) Index(ctx context.Context) (n int, err error) {
	if err := s.searchable(ctx); err != nil {
		return 0, err
	}
	for _, look := range []func(context.Context, transaction, int64) ([]indexing, error){removed, unindexed} {
		for after, done := int64(0), storiesIndexed; done == storiesIndexed; n += done {
			var batch []indexing
			err := s.read(ctx, func(tx transaction) (err error) {
				batch, err = look(ctx, tx, after)
				return err
			})
			if done = 0; err == nil && len(batch) > 0 {
				after = batch[len(batch)-1].story
				err = s.write(ctx, func(tx transaction) (err error) {
					done, err = s.index(ctx, tx, batch)
					return err
				})
			}
			if err != nil {
				return n, fmt.Errorf("index the words of stories: %w", err)
			}
		}
	}
	return n, nil
}

// indexing is what the index is to hold of a story.
type indexing struct {
	story, place, stamp int64
	words               string
	gone                bool // hold nothing
}

// removed returns stories of the index that are gone or hidden, in the order of their numbers.
func removed(ctx context.Context, tx transaction, after int64) (batch []indexing, err error) {
	err = tx.each(ctx, func(rows *sql.Rows) error {
		e := indexing{gone: true}
		err := rows.Scan(&e.story)
		batch = append(batch, e)
		return err
	}, `SELECT i.story FROM indexed i LEFT JOIN stories s ON s.number = i.story
		WHERE i.story > $1 AND (s.number IS NULL OR s.hidden) ORDER BY i.story LIMIT $2`, after, storiesIndexed)
	return batch, err
}

// unindexed returns stories that are missing or out of date in the index, in the order of their
// numbers.
func unindexed(ctx context.Context, tx transaction, after int64) (batch []indexing, err error) {
	err = tx.each(ctx, func(rows *sql.Rows) error {
		var e indexing
		var published int64
		var titles [2]string
		var html [4]string
		err := rows.Scan(&e.story, &published, &e.stamp, &titles[0], &titles[1], &html[0], &html[1], &html[2], &html[3])
		e.place, e.words = place(published, e.story), indexable(titles[:], html[:])
		batch = append(batch, e)
		return err
	}, `SELECT p.number, p.published, p.stamp, t.title, COALESCE(r.title, ''),
			t.summary, t.body, COALESCE(r.summary, ''), COALESCE(r.body, '')
		FROM (SELECT s.number, s.published, s.lead, s.updated + COALESCE(r.at, 0) AS stamp
			FROM stories s LEFT JOIN translations r ON r.story = s.number LEFT JOIN indexed i ON i.story = s.number
			WHERE s.number > $1 AND NOT s.hidden AND (i.stamp IS NULL OR i.stamp <> s.updated + COALESCE(r.at, 0))
			ORDER BY s.number LIMIT $2) p JOIN texts t ON t.item = p.lead LEFT JOIN translations r ON r.story = p.number
		ORDER BY p.number`, after, storiesIndexed)
	return batch, err
}

// index stores what another process has not stored since batch was read, and returns how much that
// is.
func (s *Store) index(ctx context.Context, tx transaction, batch []indexing) (n int, err error) {
	var numbers, old, places []int64
	for _, e := range batch {
		numbers = append(numbers, e.story)
	}
	held := map[int64]indexing{}
	err = tx.each(ctx, func(rows *sql.Rows) error {
		var e indexing
		err := rows.Scan(&e.story, &e.place, &e.stamp)
		held[e.story] = e
		return err
	}, "SELECT story, place, stamp FROM indexed WHERE story "+tx.among(1), numbers)
	if err != nil {
		return 0, err
	}
	var words, rows [][]any
	for _, e := range batch {
		was, ok := held[e.story]
		if ok && !e.gone && was.stamp == e.stamp || !ok && e.gone {
			continue
		}
		if n++; ok {
			old, places = append(old, e.story), append(places, was.place)
		}
		if !e.gone {
			words, rows = append(words, []any{e.place, e.words}), append(rows, []any{e.story, e.place, e.stamp})
		}
	}
	search := s.dialect.search
	if err := tx.run(ctx, "DELETE FROM search WHERE "+search.place+" "+tx.among(1), places); err != nil {
		return 0, err
	}
	if err := tx.run(ctx, "DELETE FROM indexed WHERE story "+tx.among(1), old); err != nil {
		return 0, err
	}
	if err := tx.values(ctx, search.add+" FROM (", ") AS v", words, "BIGINT", "TEXT"); err != nil {
		return 0, err
	}
	return n, tx.insert(ctx, "indexed (story, place, stamp)", "", rows)
}

// maxIndexed is how many bytes of each text are indexed. A row in PostgreSQL takes 1 MB in all.
const maxIndexed = 64 << 10

// indexable returns the words of titles and of HTML as they are indexed: folded, and Arabic ones
// stemmed.
func indexable(titles, html []string) string {
	texts := slices.Clone(titles)
	for _, t := range html {
		texts = append(texts, sanitize.TextOf(t[:min(len(t), maxIndexed)]))
	}
	var b strings.Builder
	for _, t := range texts {
		for _, w := range strings.Fields(arabic.Fold(t)) {
			b.WriteString(term(w))
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// term returns a folded word as it is indexed: its stem, without the alef that carries a tanwin.
func term(word string) string {
	stem := arabic.Stem(word)
	if short, ok := strings.CutSuffix(stem, "ا"); ok && utf8.RuneCountInString(short) > 2 {
		return short
	}
	return stem
}

// maxWords is how many words of a query count. Nobody types more, and each costs time.
const maxWords = 16

// match returns the condition for words in the database's syntax, or an empty string if they have
// no letters.
func (d searching) match(words string) string {
	list := strings.Fields(arabic.Fold(words))
	list = list[:min(len(list), maxWords)]
	for i, w := range list {
		list[i] = d.quote + term(w) + d.quote
	}
	return strings.Join(list, d.and)
}

// query selects the $3 newest stories with the words $1 at places below $2. CROSS JOIN makes SQLite
// read the index first and then only as many stories as needed.
func (d searching) query() string {
	return "SELECT " + storyColumns + " FROM " + d.found + " CROSS JOIN indexed CROSS JOIN stories WHERE " +
		d.place + " < $2 AND indexed.place = " + d.place +
		" AND stories.number = indexed.story AND NOT hidden ORDER BY " + d.place + " DESC LIMIT $3"
}

// find answers a query with words from the index: newest first, stories of the same second by
// number.
func (s *Store) find(ctx context.Context, q feeds.Query) (page []feeds.Story, err error) {
	words := s.dialect.search.match(q.Words)
	if words == "" {
		return nil, nil
	}
	if err := s.searchable(ctx); err != nil {
		return nil, err
	}
	err = s.read(ctx, func(tx transaction) error {
		below, err := s.below(ctx, tx, q.Before)
		if err != nil {
			return err
		}
		if plan := s.dialect.search.plan; plan != "" {
			if err := tx.run(ctx, plan); err != nil {
				return fmt.Errorf("search: %w", err)
			}
		}
		page, err = stories(ctx, tx, s.dialect.search.query(), words, below, q.Limit)
		return err
	})
	return page, err
}

// below returns the place in the index at which a page after c begins.
func (s *Store) below(ctx context.Context, tx transaction, c feeds.Cursor) (int64, error) {
	if c == (feeds.Cursor{}) {
		return math.MaxInt64, nil
	}
	at := place(millis(c.Published), 0) // if the story is gone
	err := tx.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&at) },
		"SELECT i.place FROM indexed i JOIN stories s ON s.number = i.story WHERE s.id = $1", c.ID)
	return at, err
}

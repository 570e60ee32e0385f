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
	add        string   // inserts a row: place, words
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

// storiesIndexed is how many stories one transaction indexes. Other writers wait for it, some
// hundred milliseconds.
const storiesIndexed = 200

// Index brings the search index up to date and returns how many stories it changed. If it is
// stopped, what it did so far stays.
func (s *Store) Index(ctx context.Context) (n int, err error) {
	if err := s.searchable(ctx); err != nil {
		return 0, err
	}
	for _, step := range []func(context.Context, transaction, int64) (int, int64, error){s.unindex, s.index} {
		for after := int64(0); ; {
			done := 0
			err := s.write(ctx, func(tx transaction) (err error) {
				done, after, err = step(ctx, tx, after)
				return err
			})
			if err != nil {
				return n, fmt.Errorf("index the words of stories: %w", err)
			}
			if n += done; done < storiesIndexed {
				break
			}
		}
	}
	return n, nil
}

// unindex removes stories that are gone or hidden from the index, in the order of their numbers.
func (s *Store) unindex(ctx context.Context, tx transaction, after int64) (n int, last int64, err error) {
	places := map[int64]int64{}
	err = tx.each(ctx, func(rows *sql.Rows) error {
		var at int64
		if err := rows.Scan(&last, &at); err != nil {
			return err
		}
		places[last] = at
		return nil
	}, `SELECT i.story, i.place FROM indexed i LEFT JOIN stories s ON s.number = i.story
		WHERE i.story > $1 AND (s.number IS NULL OR s.hidden) ORDER BY i.story LIMIT $2`, after, storiesIndexed)
	if err != nil {
		return 0, 0, err
	}
	for number, at := range places {
		if err := s.forget(ctx, tx, number, at); err != nil {
			return 0, 0, err
		}
	}
	return len(places), last, nil
}

func (s *Store) forget(ctx context.Context, tx transaction, number, at int64) error {
	if err := tx.run(ctx, "DELETE FROM search WHERE "+s.dialect.search.place+" = $1", at); err != nil {
		return err
	}
	return tx.run(ctx, "DELETE FROM indexed WHERE story = $1", number)
}

// index adds stories that are missing or out of date in the index, in the order of their numbers.
func (s *Store) index(ctx context.Context, tx transaction, after int64) (n int, last int64, err error) {
	type entry struct {
		number, was, at, stamp int64
		text                   string
	}
	var list []entry
	err = tx.each(ctx, func(rows *sql.Rows) error {
		var e entry
		var published int64
		var titles [2]string
		var html [4]string
		err := rows.Scan(&e.number, &published, &e.stamp, &e.was,
			&titles[0], &titles[1], &html[0], &html[1], &html[2], &html[3])
		e.at = place(published, e.number)
		e.text = indexable(titles[:], html[:])
		list = append(list, e)
		return err
	}, `SELECT p.number, p.published, p.stamp, p.place, t.title, COALESCE(r.title, ''),
			t.summary, t.body, COALESCE(r.summary, ''), COALESCE(r.body, '')
		FROM (SELECT s.number, s.published, s.lead, s.updated + COALESCE(r.at, 0) AS stamp,
			COALESCE(i.place, -1) AS place
			FROM stories s LEFT JOIN translations r ON r.story = s.number LEFT JOIN indexed i ON i.story = s.number
			WHERE s.number > $1 AND NOT s.hidden AND (i.stamp IS NULL OR i.stamp <> s.updated + COALESCE(r.at, 0))
			ORDER BY s.number LIMIT $2) p JOIN texts t ON t.item = p.lead LEFT JOIN translations r ON r.story = p.number
		ORDER BY p.number`, after, storiesIndexed)
	if err != nil {
		return 0, 0, err
	}
	for _, e := range list {
		if e.was >= 0 {
			if err := s.forget(ctx, tx, e.number, e.was); err != nil {
				return 0, 0, err
			}
		}
		if err := tx.run(ctx, s.dialect.search.add, e.at, e.text); err != nil {
			return 0, 0, err
		}
		err := tx.run(ctx, "INSERT INTO indexed (story, place, stamp) VALUES ($1, $2, $3)", e.number, e.at, e.stamp)
		if err != nil {
			return 0, 0, err
		}
		last = e.number
	}
	return len(list), last, nil
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

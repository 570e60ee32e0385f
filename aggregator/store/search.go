package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/feeds/words"
)

// searching holds what differs between the databases' search indexes. Both have a row for each
// story, at its place.
type searching struct {
	tables []string // create the index if it is missing
	add    string   // inserts rows of a table that follows: place, terms
	place  string   // the column of the place
	plan   string   // runs before a query; may be empty
	found  string   // the rows of the index that match $4
	syntax words.Syntax
}

// The index is derived from other tables and not part of the schema: only a server makes it, and
// copies between databases leave it out. Where its form changes its tables get other names, those of
// the form before are dropped, and Index fills the new ones.
const (
	wordsTable   = "search2"  // the terms of stories
	indexedTable = "indexed2" // the stories in it: their places, and the stamp of what was indexed
)

// former are tables of earlier forms.
var former = []string{"search", "indexed"}

// searchable creates the index if it is missing.
func (s *Store) searchable(ctx context.Context) error {
	if s.searched.Load() {
		return nil
	}
	statements := append([]string{"CREATE TABLE IF NOT EXISTS " + indexedTable +
		" (story INTEGER NOT NULL PRIMARY KEY, place BIGINT NOT NULL UNIQUE, stamp BIGINT NOT NULL)"},
		s.dialect.search.tables...)
	for _, table := range former {
		statements = append(statements, "DROP TABLE IF EXISTS "+table)
	}
	err := s.write(ctx, func(tx transaction) error {
		for _, statement := range statements {
			if err := tx.run(ctx, statement); err != nil {
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
func place(published, number int64) int64 { return max(0, published/1000)<<placeBits | number }

// placeBits is how many bits of a place hold the number of the story.
const placeBits = 31

// storiesIndexed is how many stories one transaction indexes. Other writers wait for it, some tens
// of milliseconds.
const storiesIndexed = 200

// Index brings the search index up to date, the newest stories first, and returns how many stories it
// changed. If it is stopped, what it did so far stays. What another process indexes meanwhile is left
// to that.
func (s *Store) Index(ctx context.Context) (n int, err error) {
	if err := s.searchable(ctx); err != nil {
		return 0, err
	}
	x := words.NewIndexer()
	for _, look := range []func(context.Context, transaction, int64) ([]indexing, error){removed,
		func(ctx context.Context, tx transaction, below int64) ([]indexing, error) {
			return unindexed(ctx, tx, below, x)
		},
	} {
		found := storiesIndexed
		for below, done := int64(math.MaxInt32), storiesIndexed; done == storiesIndexed; n += done {
			var batch []indexing
			err := s.read(ctx, func(tx transaction) (err error) {
				batch, err = look(ctx, tx, below)
				return err
			})
			if found = len(batch); found == storiesIndexed {
				s.whole.Store(false)
			}
			if done = 0; err == nil && found > 0 {
				below = batch[found-1].story
				err = s.write(ctx, func(tx transaction) (err error) {
					done, err = s.index(ctx, tx, batch)
					return err
				})
			}
			if err != nil {
				return n, fmt.Errorf("index the words of stories: %w", err)
			}
		}
		if found == storiesIndexed {
			return n, nil
		}
	}
	s.whole.Store(true)
	return n, nil
}

// indexing is what the index is to hold of a story.
type indexing struct {
	story, place, stamp int64
	terms               string // with spaces between
	gone                bool   // hold nothing
}

// removed returns stories of the index that are gone or hidden, the highest number first.
func removed(ctx context.Context, tx transaction, below int64) (batch []indexing, err error) {
	err = tx.each(ctx, func(rows *sql.Rows) error {
		e := indexing{gone: true}
		err := rows.Scan(&e.story)
		batch = append(batch, e)
		return err
	}, "SELECT i.story FROM "+indexedTable+` i LEFT JOIN stories s ON s.number = i.story
		WHERE i.story < $1 AND (s.number IS NULL OR s.hidden) ORDER BY i.story DESC LIMIT $2`, below, storiesIndexed)
	return batch, err
}

// unindexed returns stories that are missing or out of date in the index, the highest number first.
func unindexed(ctx context.Context, tx transaction, below int64, x words.Indexer) (batch []indexing, err error) {
	var numbers []int64
	at := map[int64]int{} // their places in batch
	err = tx.each(ctx, func(rows *sql.Rows) error {
		var e indexing
		var published int64
		var titles [2]string
		var html [4]string
		err := rows.Scan(&e.story, &published, &e.stamp, &titles[0], &titles[1], &html[0], &html[1], &html[2], &html[3])
		e.place, e.terms = place(published, e.story), indexable(x, titles[:], html[:])
		numbers, at[e.story] = append(numbers, e.story), len(batch)
		batch = append(batch, e)
		return err
	}, `SELECT p.number, p.published, p.stamp, t.title, COALESCE(r.title, ''),
			t.summary, t.body, COALESCE(r.summary, ''), COALESCE(r.body, '')
		FROM (SELECT s.number, s.published, s.lead, s.updated + COALESCE(r.at, 0) AS stamp FROM stories s
				LEFT JOIN translations r ON r.story = s.number LEFT JOIN `+indexedTable+` i ON i.story = s.number
			WHERE s.number < $1 AND NOT s.hidden AND (i.stamp IS NULL OR i.stamp <> s.updated + COALESCE(r.at, 0))
			ORDER BY s.number DESC LIMIT $2) p
		JOIN texts t ON t.item = p.lead LEFT JOIN translations r ON r.story = p.number
		ORDER BY p.number DESC`, below, storiesIndexed)
	if err != nil || len(batch) == 0 {
		return batch, err
	}
	return batch, tx.each(ctx, func(rows *sql.Rows) error {
		var number int64
		var source string
		err := rows.Scan(&number, &source)
		batch[at[number]].terms += " " + sourceMark + source
		return err
	}, "SELECT DISTINCT story, source FROM items WHERE story "+tx.among(1), numbers)
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
	}, "SELECT story, place, stamp FROM "+indexedTable+" WHERE story "+tx.among(1), numbers)
	if err != nil {
		return 0, err
	}
	var terms, rows [][]any
	for _, e := range batch {
		was, ok := held[e.story]
		if ok && !e.gone && was.stamp == e.stamp || !ok && e.gone {
			continue
		}
		if n++; ok {
			old, places = append(old, e.story), append(places, was.place)
		}
		if !e.gone {
			terms, rows = append(terms, []any{e.place, e.terms}), append(rows, []any{e.story, e.place, e.stamp})
		}
	}
	// FTS5 writes its buffer out at each place that is below the last.
	slices.SortFunc(terms, func(a, b []any) int { return cmp.Compare(a[0].(int64), b[0].(int64)) })
	search := s.dialect.search
	if err := tx.run(ctx, "DELETE FROM "+wordsTable+" WHERE "+search.place+" "+tx.among(1), places); err != nil {
		return 0, err
	}
	if err := tx.run(ctx, "DELETE FROM "+indexedTable+" WHERE story "+tx.among(1), old); err != nil {
		return 0, err
	}
	if err := tx.values(ctx, search.add+" FROM (", ") AS v", terms, "BIGINT", "TEXT"); err != nil {
		return 0, err
	}
	return n, tx.insert(ctx, indexedTable+" (story, place, stamp)", "", rows)
}

// maxIndexed is how many bytes of each text are indexed. A row in PostgreSQL takes 1 MB in all.
const maxIndexed = 64 << 10

// sourceMark begins the terms that name the sources of a story's items. No word begins so.
const sourceMark = "@"

// indexable returns the terms of titles and of HTML, with spaces between.
func indexable(x words.Indexer, titles, html []string) string {
	texts := slices.Clone(titles)
	for _, t := range html {
		texts = append(texts, sanitize.TextOf(t[:min(len(t), maxIndexed)]))
	}
	return strings.Join(x.Terms(texts...), " ")
}

// Search answers a query from the index: newest first, stories of the same second by number. If no
// story has the words, those count that have words beginning with them.
func (s *Store) Search(ctx context.Context, q feeds.Query) (found feeds.Found, err error) {
	asked := words.Parse(q.Words)
	if found.Words, found.Building = asked.String(), !s.whole.Load(); q.Words != "" && asked.Empty() || q.Limit <= 0 {
		return found, nil
	}
	if err := s.searchable(ctx); err != nil {
		return found, err
	}
	err = s.read(ctx, func(tx transaction) error {
		if plan := s.dialect.search.plan; plan != "" {
			if err := tx.run(ctx, plan); err != nil {
				return fmt.Errorf("search: %w", err)
			}
		}
		all, err := s.matches(ctx, tx, q, asked, math.MaxInt64, feeds.MaxCount+1)
		if begun, ok := asked.Beginnings(); ok && err == nil && len(all) == 0 {
			if all, err = s.matches(ctx, tx, q, begun, math.MaxInt64, feeds.MaxCount+1); len(all) > 0 {
				asked, found.Words = begun, begun.String()
			}
		}
		if found.Count = len(all); err != nil || found.Count == 0 {
			return err
		}
		if q.Before != (feeds.Cursor{}) {
			below, err := s.below(ctx, tx, q.Before)
			if err != nil {
				return fmt.Errorf("search: %w", err)
			}
			if all, err = s.matches(ctx, tx, q, asked, below, q.Limit+1); err != nil {
				return err
			}
		}
		found.Stories, err = stories(ctx, tx, "SELECT "+storyColumns+" FROM stories WHERE number "+tx.among(1)+
			" ORDER BY published / 1000 DESC, number DESC", all[:min(len(all), q.Limit)])
		if n := len(found.Stories); err == nil && len(all) > q.Limit && n > 0 {
			found.Next = feeds.Cursor{Published: found.Stories[n-1].Published, ID: found.Stories[n-1].ID}
		}
		return err
	})
	return found, err
}

// maxSourceTerms is how many sources are looked up in the index. PostgreSQL needs 0.2 s for 150 beside a
// common word (2026-11-30); of more, the newest stories that match are looked at until enough have one.
const maxSourceTerms = 16

// matches returns the numbers of the newest stories that match q and its words, at places below one, at
// most limit of them.
func (s *Store) matches(ctx context.Context, tx transaction, q feeds.Query, asked words.Query, below int64, limit int) (
	numbers []int64, err error) {
	var from int64
	if !q.From.IsZero() {
		from = place(millis(q.From), 0)
	}
	if !q.Until.IsZero() {
		below = min(below, place(millis(q.Until), 0))
	}
	search := s.dialect.search
	d := search.syntax
	var all, some []string
	if !asked.Empty() {
		all = append(all, asked.In(d))
	}
	if len(q.Sources) <= maxSourceTerms {
		for _, id := range q.Sources {
			some = append(some, d.Quote+sourceMark+id+d.Quote)
		}
	}
	if len(some) > 0 {
		all = append(all, "("+strings.Join(some, d.Or)+")")
	}
	column, table := "place", indexedTable
	args := []any{from, below}
	if len(all) > 0 {
		column, table = search.place, search.found
		args = append(args, strings.Join(all, d.And))
	}
	wanted := "NOT s.hidden"
	if len(q.Sources) > maxSourceTerms {
		args = append(args, q.Sources)
		wanted += " AND EXISTS (SELECT 1 FROM items WHERE story = s.number AND source " + tx.among(len(args)) + ")"
	}
	// The inner order keeps PostgreSQL from joining all that match before it sorts them, and CROSS JOIN
	// has SQLite read the index first.
	query := fmt.Sprintf("SELECT s.number FROM (SELECT %[1]s AS place FROM %[2]s WHERE %[1]s >= $1 AND %[1]s < $2 "+
		"ORDER BY %[1]s DESC) m CROSS JOIN stories s WHERE s.number = m.place & %[3]d AND %[4]s "+
		"ORDER BY m.place DESC LIMIT %[5]d", column, table, 1<<placeBits-1, wanted, limit)
	err = tx.each(ctx, func(rows *sql.Rows) error {
		var number int64
		err := rows.Scan(&number)
		numbers = append(numbers, number)
		return err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return numbers, nil
}

// below returns the place in the index at which a page after c begins.
func (s *Store) below(ctx context.Context, tx transaction, c feeds.Cursor) (int64, error) {
	if c == (feeds.Cursor{}) {
		return math.MaxInt64, nil
	}
	at := place(millis(c.Published), 0) // if the story is gone
	err := tx.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&at) },
		"SELECT i.place FROM "+indexedTable+" i JOIN stories s ON s.number = i.story WHERE s.id = $1", c.ID)
	return at, err
}

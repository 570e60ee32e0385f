package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nashra/nashra/feeds"
)

// row is a story on its way to the reader.
type row struct {
	feeds.Story
	number, lead int64
}

// Stories answers a query: see aggregator.Store.
func (s *Store) Stories(ctx context.Context, q feeds.Query) ([]feeds.Story, error) {
	if q.Limit <= 0 {
		return nil, nil
	}
	if q.Words != "" {
		return s.find(ctx, q)
	}
	var page []row
	err := s.read(ctx, func(tx *sql.Tx) (err error) {
		ids := [][]string{nil}
		if len(q.IDs) > 0 {
			ids = slices.Collect(slices.Chunk(q.IDs, maxParams))
		}
		for _, some := range ids {
			q.IDs = some
			if page, err = look(ctx, tx, q, page); err != nil {
				return fmt.Errorf("look up stories: %w", err)
			}
		}
		slices.SortFunc(page, func(x, y row) int { return cmp.Or(y.Published.Compare(x.Published), cmp.Compare(x.ID, y.ID)) })
		page = page[:min(q.Limit, len(page))]
		return fill(ctx, tx, page)
	})
	if err != nil {
		return nil, err
	}
	return shelved(page), nil
}

func shelved(page []row) []feeds.Story {
	out := make([]feeds.Story, len(page))
	for i := range page {
		out[i] = page[i].Story
	}
	return out
}

// look appends to page the bare stories that q asks for. Ids are hexadecimal digits, which sort alike in every database.
func look(ctx context.Context, tx *sql.Tx, q feeds.Query, page []row) ([]row, error) {
	where, args := conditions(q)
	args = append(args, q.Limit)
	err := each(ctx, tx, func(rows *sql.Rows) error {
		r, err := scanStory(rows)
		page = append(page, r)
		return err
	}, "SELECT "+storyColumns+" FROM stories WHERE "+where+fmt.Sprintf(" ORDER BY published DESC, id LIMIT $%d", len(args)), args...)
	return page, err
}

// storyColumns is what scanStory reads.
const storyColumns = "number, id, published, updated, lead"

func scanStory(rows *sql.Rows) (r row, err error) {
	var published, updated int64
	err = rows.Scan(&r.number, &r.ID, &published, &updated, &r.lead)
	r.Published, r.Updated = instant(published), instant(updated)
	return r, err
}

// conditions is q in SQL, and the values of its parameters.
func conditions(q feeds.Query) (string, []any) {
	where, args := []string{"NOT hidden"}, []any{}
	in := func(list []string) string {
		from := len(args) + 1
		for _, v := range list {
			args = append(args, v)
		}
		return params(from, len(list))
	}
	if len(q.IDs) > 0 {
		where = append(where, "id IN "+in(q.IDs))
	}
	if len(q.Sources) > 0 {
		where = append(where, "EXISTS (SELECT 1 FROM items WHERE story = number AND source IN "+in(q.Sources)+")")
	}
	if q.Before != (feeds.Cursor{}) {
		n := len(args)
		where = append(where, fmt.Sprintf("published <= $%d AND (published < $%d OR id > $%d)", n+1, n+1, n+2))
		args = append(args, millis(q.Before.Published), q.Before.ID)
	}
	return strings.Join(where, " AND "), args
}

// fill reads the items and translations of page.
func fill(ctx context.Context, tx *sql.Tx, page []row) error {
	byNumber := map[int64]*row{}
	var numbers []int64
	for i := range page {
		byNumber[page[i].number] = &page[i]
		numbers = append(numbers, page[i].number)
	}
	for batch := range slices.Chunk(numbers, maxNumbers) {
		if err := members(ctx, tx, batch, byNumber); err != nil {
			return fmt.Errorf("read items: %w", err)
		}
		if err := related(ctx, tx, batch, byNumber); err != nil {
			return fmt.Errorf("read linked stories: %w", err)
		}
		if err := translations(ctx, tx, batch, func(n int64, t feeds.Translation) { byNumber[n].Translation = t }); err != nil {
			return err
		}
	}
	for _, r := range page {
		if len(r.Items) == 0 || r.Items[0].Kind != feeds.Lead {
			return fmt.Errorf("story %s has no lead", r.ID)
		}
	}
	return nil
}

// mostPrintings is how many items of one source in one story are read beside the lead: no outlet prints a piece of news more often, and
// a flood of copies is more than memory holds.
const mostPrintings = 20

// memberColumns are itemColumns with the text of the lead alone: of the others it is never shown, and there may be many.
var memberColumns = strings.NewReplacer("t.summary", "CASE WHEN i.kind = 'lead' THEN t.summary ELSE '' END",
	"t.body", "CASE WHEN i.kind = 'lead' THEN t.body ELSE '' END").Replace(itemColumns)

// members gives stories their items: the lead first, the others by When, those of one time by their keys.
func members(ctx context.Context, tx *sql.Tx, numbers []int64, byNumber map[int64]*row) error {
	type printer struct {
		story  int64
		source string
	}
	printings := map[printer]int{}
	return each(ctx, tx, func(rows *sql.Rows) error {
		var m feeds.Member
		var number, id int64
		it, err := scanItem(rows, &number, &id, &m.Kind, &m.Why)
		if err != nil {
			return err
		}
		m.Item = it
		r := byNumber[number]
		switch {
		case id == r.lead:
			r.Text = m.Text
			r.Items = slices.Insert(r.Items, 0, m)
		case printings[printer{number, m.SourceID}] < mostPrintings:
			printings[printer{number, m.SourceID}]++
			r.Items = append(r.Items, m)
		}
		return nil
	}, "SELECT "+memberColumns+", i.story, i.id, i.kind, i.why FROM items i JOIN texts t ON t.item = i.id WHERE i.story IN "+list(numbers)+
		" ORDER BY i.filed, i.key")
}

// related gives stories the leads of those that they are linked to, by When, those of one time by their keys.
func related(ctx context.Context, tx *sql.Tx, numbers []int64, byNumber map[int64]*row) error {
	return each(ctx, tx, func(rows *sql.Rows) error {
		m := feeds.Member{Kind: feeds.Event}
		var number int64
		it, err := scanItem(rows, &number, &m.Why, &m.Story)
		if err != nil {
			return err
		}
		m.Item = it
		r := byNumber[number]
		r.Related = append(r.Related, m)
		return nil
	}, "SELECT "+itemColumns+", l.story, l.why, s.id FROM links l JOIN stories s ON s.number = l.other JOIN items i ON i.id = s.lead"+
		" JOIN texts t ON t.item = i.id WHERE NOT s.hidden AND l.story IN "+list(numbers)+" ORDER BY i.filed, i.key")
}

// ErrNoStory is an id that no story has.
var ErrNoStory = errors.New("no story has this id")

// Hide takes a story out of all answers, as its publisher may ask. Its items stay, so that it does not come back: what repeats it joins
// it. Hiding it again changes nothing.
func (s *Store) Hide(ctx context.Context, id string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, "UPDATE stories SET hidden = TRUE WHERE id = $1", cleanText(id))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return cmp.Or(err, ErrNoStory)
		}
		return nil
	})
}

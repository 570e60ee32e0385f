package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/nashra/nashra/feeds"
)

// row is a story while it is read.
type row struct {
	feeds.Story
	lead int64 // the number of its lead
}

// Stories answers a query: see aggregator.Store.
func (s *Store) Stories(ctx context.Context, q feeds.Query) (page []feeds.Story, err error) {
	if q.Limit <= 0 {
		return nil, nil
	}
	err = s.read(ctx, func(tx transaction) (err error) {
		where, args := conditions(tx, q)
		page, err = stories(ctx, tx, "SELECT "+storyColumns+" FROM stories WHERE "+where+
			fmt.Sprintf(" ORDER BY published DESC, id LIMIT $%d", len(args)+1), append(args, q.Limit)...)
		return err
	})
	return page, err
}

// List answers a query without reading texts: see aggregator.Store.
func (s *Store) List(ctx context.Context, q feeds.Query) (page []feeds.Listed, err error) {
	err = s.read(ctx, func(tx transaction) error {
		where, args := conditions(tx, q)
		order := "published DESC, id"
		if q.Late {
			order = "titled DESC, " + order
		}
		where += fmt.Sprintf(" ORDER BY %s LIMIT $%d", order, len(args)+1)
		add := func(_ int64, l feeds.Listed) { page = append(page, l) }
		return listed(ctx, tx, add, where, append(args, q.Limit)...)
	})
	if err != nil {
		return nil, fmt.Errorf("list stories: %w", err)
	}
	return page, nil
}

// listed calls do with the number of each story that fits the condition, newest first.
func listed(ctx context.Context, tx transaction, do func(int64, feeds.Listed), where string, args ...any) error {
	return tx.each(ctx, func(rows *sql.Rows) error {
		var l feeds.Listed
		var number, published, updated, held, titled int64
		err := rows.Scan(&number, &l.ID, &published, &updated, &held, &titled, &l.Changed, &l.Source, &l.Lang, &l.State)
		l.Published, l.Updated, l.Held, l.Titled = instant(published), instant(updated), instant(held), instant(titled)
		do(number, l)
		return err
	}, `SELECT s.number, s.id, s.published, s.updated, s.held, s.titled, s.changed, i.source, t.lang,
			COALESCE(r.state, '')
		FROM (SELECT * FROM stories WHERE `+where+`) s
		JOIN items i ON i.id = s.lead JOIN texts t ON t.item = s.lead
		LEFT JOIN translations r ON r.story = s.number ORDER BY s.published DESC, s.id`, args...)
}

// conditions returns q as a condition and its parameters. Ids are hexadecimal, so every database
// sorts them alike.
func conditions(tx transaction, q feeds.Query) (where string, args []any) {
	where = "NOT hidden"
	if q.Hidden {
		where = "hidden"
	}
	if len(q.IDs) > 0 {
		args = append(args, q.IDs)
		where += " AND id " + tx.among(len(args))
	}
	switch len(q.Sources) {
	case 0:
	case 1: // its items are few beside all stories
		from, end := itemKeys(q.Sources[0])
		args = append(args, from, end)
		where += fmt.Sprintf(" AND number IN (SELECT story FROM items WHERE key >= $%d AND key < $%d AND story "+
			"IS NOT NULL)", len(args)-1, len(args))
	default:
		args = append(args, q.Sources)
		where += " AND EXISTS (SELECT 1 FROM items WHERE story = number AND source " + tx.among(len(args)) + ")"
	}
	if q.Before != (feeds.Cursor{}) {
		args = append(args, millis(q.Before.Published), q.Before.ID)
		where += fmt.Sprintf(" AND published <= $%d AND (published < $%[1]d OR id > $%d)", len(args)-1, len(args))
	}
	switch {
	case q.Late:
		where += " AND held > 0 AND titled > 0"
	case q.Untold:
		where += " AND held > 0 AND titled = 0"
	}
	if !q.From.IsZero() {
		args = append(args, millis(q.From))
		where += fmt.Sprintf(" AND published >= $%d", len(args))
	}
	return where, args
}

// storyColumns are the columns that a query for stories selects.
const storyColumns = "number, id, published, updated, lead"

// stories runs a query for storyColumns and returns the stories with their items and translations.
func stories(ctx context.Context, tx transaction, query string, args ...any) ([]feeds.Story, error) {
	var page []*row
	var numbers []int64
	byNumber := map[int64]*row{}
	err := tx.each(ctx, func(rows *sql.Rows) error {
		var r row
		var number, published, updated int64
		err := rows.Scan(&number, &r.ID, &published, &updated, &r.lead)
		r.Published, r.Updated = instant(published), instant(updated)
		page, numbers, byNumber[number] = append(page, &r), append(numbers, number), &r
		return err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("look up stories: %w", err)
	}
	if err := members(ctx, tx, numbers, byNumber); err != nil {
		return nil, fmt.Errorf("read items: %w", err)
	}
	if err := related(ctx, tx, numbers, byNumber); err != nil {
		return nil, fmt.Errorf("read linked stories: %w", err)
	}
	if err := elsewhere(ctx, tx, numbers, byNumber); err != nil {
		return nil, fmt.Errorf("read sources of linked stories: %w", err)
	}
	err = translations(ctx, tx, numbers, func(n int64, t feeds.Translation) { byNumber[n].Translation = t })
	if err != nil {
		return nil, err
	}
	out := make([]feeds.Story, len(page))
	for i, r := range page {
		if len(r.Items) == 0 || r.Items[0].Kind != feeds.Lead {
			return nil, fmt.Errorf("story %s has no lead", r.ID)
		}
		out[i] = r.Story
	}
	return out, nil
}

// mostPrintings is how many items of one source are read for a story, beside its lead. No outlet
// prints a story more often, and a flood of copies would fill the memory.
const mostPrintings = 20

// printer is a source that has items of a story.
type printer struct {
	story  int64
	source string
}

// members reads the items of stories: the lead first, then the others by When and key.
func members(ctx context.Context, tx transaction, numbers []int64, byNumber map[int64]*row) error {
	printings := map[printer]int{}
	return tx.each(ctx, func(rows *sql.Rows) error {
		var m feeds.Member
		var number, id int64
		var named string
		it, err := scanItem(rows, &number, &id, &m.Kind, &m.Why, &named)
		if err != nil {
			return err
		}
		m.Item = it
		if m.Origins, err = origins(m.SourceID, named); err != nil {
			return err
		}
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
	}, "SELECT "+memberColumns+", i.story, i.id, i.kind, i.why, i.origins FROM items i JOIN texts t ON t.item = i.id"+
		" WHERE i.story "+tx.among(1)+" ORDER BY i.filed, i.key", numbers)
}

// related reads the leads of the stories that stories are linked to, by When and key.
func related(ctx context.Context, tx transaction, numbers []int64, byNumber map[int64]*row) error {
	return tx.each(ctx, func(rows *sql.Rows) error {
		m := feeds.Member{Kind: feeds.Linked}
		var number int64
		it, err := scanItem(rows, &number, &m.Why, &m.Story)
		if err != nil {
			return err
		}
		m.Item = it
		r := byNumber[number]
		r.Related = append(r.Related, m)
		return nil
	}, "SELECT "+itemColumns+`, l.story, l.why, s.id FROM links l JOIN stories s ON s.number = l.other
		JOIN items i ON i.id = s.lead JOIN texts t ON t.item = i.id
		WHERE NOT s.hidden AND l.story `+tx.among(1)+" ORDER BY i.filed, i.key", numbers)
}

// elsewhere reads which sources have the stories that stories are linked to: the first item of each.
func elsewhere(ctx context.Context, tx transaction, numbers []int64, byNumber map[int64]*row) error {
	seen := map[printer]bool{}
	return tx.each(ctx, func(rows *sql.Rows) error {
		var number int64
		all, err := scanAppearances(rows, &number)
		for _, a := range all {
			if p := (printer{number, a.Source}); !seen[p] {
				seen[p] = true
				r := byNumber[number]
				r.Elsewhere = append(r.Elsewhere, a)
			}
		}
		return err
	}, `SELECT l.story, i.source, i.seen, i.filed, i.origins FROM links l JOIN stories s ON s.number = l.other
		JOIN items i ON i.story = l.other WHERE NOT s.hidden AND l.story `+tx.among(1)+
		" ORDER BY i.seen, i.filed, i.key", numbers)
}

// ErrNoStory says that no story has an id.
var ErrNoStory = errors.New("no story has this id")

// Hide removes a story from all answers, as its publisher may ask. Its items stay, so that repeats
// join it and it does not come back. Hiding it again changes nothing.
func (s *Store) Hide(ctx context.Context, id string) error { return s.setHidden(ctx, id, true) }

// Unhide undoes Hide.
func (s *Store) Unhide(ctx context.Context, id string) error { return s.setHidden(ctx, id, false) }

func (s *Store) setHidden(ctx context.Context, id string, hidden bool) error {
	return s.write(ctx, func(tx transaction) error {
		known, err := findStories(ctx, tx, []string{id})
		if err != nil {
			return err
		}
		st, ok := known[id]
		if !ok {
			return ErrNoStory
		}
		if err := tx.run(ctx, "UPDATE stories SET hidden = $2 WHERE number = $1", st.number, hidden); err != nil {
			return err
		}
		return raise(ctx, tx, []int64{st.number})
	})
}

package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nashra/nashra/feeds"
)

const translationColumns = "lang, title, summary, body, state, engine, model, at, source, title_terms, body_terms, " +
	"title_doubts, body_doubts"

// translations calls found with the translations of stories, by number.
func translations(ctx context.Context, tx transaction, numbers []int64, found func(int64, feeds.Translation)) error {
	err := tx.each(ctx, func(rows *sql.Rows) error {
		var number, at int64
		var t feeds.Translation
		var source []byte
		err := rows.Scan(&number, &t.Lang, &t.Title, &t.Summary, &t.Body, &t.State, &t.Engine, &t.Model, &at, &source,
			&t.TitleTerms, &t.BodyTerms, &t.TitleDoubts, &t.BodyDoubts)
		t.At, t.Source = instant(at), sum32(source)
		found(number, t)
		return err
	}, "SELECT story, "+translationColumns+" FROM translations WHERE story "+tx.among(1), numbers)
	if err != nil {
		return fmt.Errorf("read translations: %w", err)
	}
	return nil
}

// Translated stores translations: see aggregator.Store. It leaves out those of stories that are
// gone.
func (s *Store) Translated(ctx context.Context, at time.Time, done map[string]feeds.Translation) error {
	if len(done) == 0 {
		return nil
	}
	return s.write(ctx, func(tx transaction) error {
		known, err := findStories(ctx, tx, slices.Collect(maps.Keys(done)))
		if err != nil {
			return err
		}
		numbers := make([]int64, 0, len(known))
		for _, st := range known {
			numbers = append(numbers, st.number)
		}
		was := map[int64]feeds.Translation{}
		if err := translations(ctx, tx, numbers, func(n int64, t feeds.Translation) { was[n] = t }); err != nil {
			return err
		}
		changed := map[int64]feeds.Translation{}
		var shown, titled []int64 // stories whose pages change, and those with a headline
		for id, st := range known {
			t, old := kept(done[id]), was[st.number]
			if t == old {
				continue
			}
			changed[st.number] = t
			if t.Title != "" || t.State == feeds.Done {
				titled = append(titled, st.number)
			}
			if old.TitleTerms, old.BodyTerms = t.TitleTerms, t.BodyTerms; t != old {
				shown = append(shown, st.number)
			}
		}
		if err := touch(ctx, tx, at, shown...); err != nil {
			return err
		}
		if err := first(ctx, tx, "titled", at, titled); err != nil {
			return err
		}
		return retranslate(ctx, tx, changed)
	})
}

// Held stores that English editions hold stories back: see aggregator.Store.
func (s *Store) Held(ctx context.Context, at time.Time, ids ...string) error {
	return s.write(ctx, func(tx transaction) error {
		known, err := findStories(ctx, tx, ids)
		if err != nil {
			return err
		}
		var numbers []int64
		for _, st := range known {
			numbers = append(numbers, st.number)
		}
		if at.IsZero() {
			return tx.run(ctx, "UPDATE stories SET held = 0 WHERE titled = 0 AND number "+tx.among(1), numbers)
		}
		return first(ctx, tx, "held", at, numbers)
	})
}

// first stores a time of stories, unless they have one.
func first(ctx context.Context, tx transaction, column string, at time.Time, stories []int64) error {
	if len(stories) == 0 {
		return nil
	}
	err := tx.run(ctx, "UPDATE stories SET "+column+" = $1 WHERE "+column+" = 0 AND number "+tx.among(2), millis(at),
		stories)
	if err != nil {
		return fmt.Errorf("store when stories were %s: %w", column, err)
	}
	return nil
}

// kept returns t as it will be read.
func kept(t feeds.Translation) feeds.Translation {
	for _, s := range []*string{&t.Lang, &t.Title, &t.Summary, &t.Body, &t.Engine, &t.Model} {
		*s = cleanText(*s)
	}
	t.At = instant(millis(t.At))
	return t
}

// retranslate stores translations by story number.
func retranslate(ctx context.Context, tx transaction, changed map[int64]feeds.Translation) error {
	var rows [][]any
	for n, t := range changed {
		rows = append(rows, []any{n, t.Lang, t.Title, t.Summary, t.Body, string(t.State), t.Engine, t.Model,
			millis(t.At), t.Source[:], t.TitleTerms, t.BodyTerms, t.TitleDoubts, t.BodyDoubts})
	}
	err := tx.insert(ctx, "translations (story, "+translationColumns+")", replacing("story", translationColumns), rows)
	if err != nil {
		return fmt.Errorf("store translations: %w", err)
	}
	return nil
}

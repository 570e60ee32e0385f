package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// A row of the memory replaces one with the same memoryKey.
const (
	memoryKey   = "key, engine, model, revision, glossary, human"
	memoryValue = "lang_from, lang_to, role, source, target, at"
)

const memoryOrder = " ORDER BY key, at, engine, model, revision, glossary, human"

// keyBytes returns keys as a list for a statement.
func keyBytes(keys []translate.Key) [][]byte {
	out := make([][]byte, len(keys))
	for i := range keys {
		out[i] = keys[i][:]
	}
	return out
}

// Recall returns all rows of keys: see translate.Store.
func (s *Store) Recall(ctx context.Context, keys []translate.Key) (map[translate.Key][]translate.Row, error) {
	found := map[translate.Key][]translate.Row{}
	err := s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			r, err := scanMemory(rows)
			found[r.Key] = append(found[r.Key], r)
			return err
		}, "SELECT "+memoryKey+", "+memoryValue+" FROM memory WHERE key "+tx.amongBytes(1)+memoryOrder, keyBytes(keys))
	})
	if err != nil {
		return nil, fmt.Errorf("read the translation memory: %w", err)
	}
	return found, nil
}

// Remembered calls yield with every row of the memory, human and machine translations, in the order
// of keys.
func (s *Store) Remembered(ctx context.Context, yield func(translate.Row) error) error {
	return s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			r, err := scanMemory(rows)
			if err != nil {
				return err
			}
			return yield(r)
		}, "SELECT "+memoryKey+", "+memoryValue+" FROM memory"+memoryOrder)
	})
}

// Makers returns who made the rows of the memory, by engine and model.
func (s *Store) Makers(ctx context.Context) (out []translate.Maker, err error) {
	err = s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var m translate.Maker
			var first, last int64
			err := rows.Scan(&m.Engine, &m.Model, &m.Human, &m.Rows, &m.Failed, &m.Chars, &first, &last)
			m.First, m.Last = instant(first), instant(last)
			out = append(out, m)
			return err
		}, `SELECT engine, model, human, SUM(CASE WHEN target = '' THEN 0 ELSE 1 END),
			SUM(CASE WHEN target = '' THEN 1 ELSE 0 END), SUM(CASE WHEN target = '' THEN 0 ELSE LENGTH(source) END),
			MIN(at), MAX(at)
			FROM memory GROUP BY engine, model, human ORDER BY engine, model, human`)
	})
	return out, err
}

// Forget deletes what an engine made since a time, or at any time if zero, for the segments keys
// or, if nil, all. It returns how many rows. Stories that show them are translated again.
func (s *Store) Forget(
	ctx context.Context, engine string, since time.Time, keys []translate.Key,
) (gone int64, err error) {
	err = s.write(ctx, func(tx transaction) (err error) {
		query, args := "DELETE FROM memory WHERE engine = $1 AND at >= $2", []any{engine, millis(since)}
		if keys != nil {
			query, args = query+" AND key "+tx.amongBytes(3), append(args, keyBytes(keys))
		}
		if gone, err = tx.change(ctx, query, args...); err != nil || gone == 0 {
			return err
		}
		// The store does not know which stories show them, so a pass checks all again.
		return tx.run(ctx, `UPDATE translations SET title_terms = CASE WHEN title_terms = '' THEN '' ELSE $1 END,
			body_terms = CASE WHEN body_terms = '' THEN '' ELSE $1 END`, feeds.Forgotten)
	})
	if err != nil {
		return 0, fmt.Errorf("forget translations: %w", err)
	}
	return gone, nil
}

func scanMemory(rows *sql.Rows) (r translate.Row, err error) {
	var key []byte
	var at int64
	err = rows.Scan(&key, &r.Engine, &r.Model, &r.Revision, &r.Glossary, &r.Human, &r.Pair.From, &r.Pair.To, &r.Role,
		&r.Source, &r.Target, &at)
	r.Key, r.At = sum32(key), instant(at)
	return r, err
}

// memorise stores rows. A row replaces one with the same key and maker.
func memorise(ctx context.Context, tx transaction, rows []translate.Row) error {
	type maker struct {
		key                               translate.Key
		engine, model, revision, glossary string
		human                             bool
	}
	at := map[maker]int{} // PostgreSQL refuses to replace a row twice in one statement
	var values [][]any
	for _, r := range rows {
		m := maker{r.Key, r.Engine, r.Model, r.Revision, r.Glossary, r.Human}
		i, twice := at[m]
		if !twice {
			i = len(values)
			at[m], values = i, append(values, nil)
		}
		values[i] = []any{r.Key[:], r.Engine, r.Model, r.Revision, r.Glossary, r.Human, r.Pair.From, r.Pair.To,
			string(r.Role), r.Source, r.Target, millis(r.At)}
	}
	err := tx.insert(ctx, "memory ("+memoryKey+", "+memoryValue+")", replacing(memoryKey, memoryValue), values)
	if err != nil {
		return fmt.Errorf("store the translation memory: %w", err)
	}
	return nil
}

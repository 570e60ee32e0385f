package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// A row of the memory is replaced by one with the same memoryKey.
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

// Recall returns every row of keys: see translate.Store.
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

// Remembered gives every row of the memory to yield, people's and machines', in the order of their keys.
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

// Makers says who made what the memory holds, by engine and model.
func (s *Store) Makers(ctx context.Context) (out []translate.Maker, err error) {
	err = s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var m translate.Maker
			var first, last int64
			err := rows.Scan(&m.Engine, &m.Model, &m.Human, &m.Rows, &m.Failed, &m.Chars, &first, &last)
			m.First, m.Last = instant(first), instant(last)
			out = append(out, m)
			return err
		}, `SELECT engine, model, human, SUM(CASE WHEN target = '' THEN 0 ELSE 1 END), SUM(CASE WHEN target = '' THEN 1 ELSE 0 END),
			SUM(CASE WHEN target = '' THEN 0 ELSE LENGTH(source) END), MIN(at), MAX(at)
			FROM memory GROUP BY engine, model, human ORDER BY engine, model, human`)
	})
	return out, err
}

// Forget drops what an engine made since a time, zero being ever: of the segments of keys only, or where these are nil of all. What
// stories show of it is made anew in the next pass that shows them. It returns how many rows are gone.
func (s *Store) Forget(ctx context.Context, engine string, since time.Time, keys []translate.Key) (gone int64, err error) {
	err = s.write(ctx, func(tx transaction) (err error) {
		query, args := "DELETE FROM memory WHERE engine = $1 AND at >= $2", []any{engine, millis(since)}
		if keys != nil {
			query, args = query+" AND key "+tx.amongBytes(3), append(args, keyBytes(keys))
		}
		if gone, err = tx.change(ctx, query, args...); err != nil || gone == 0 {
			return err
		}
		// which stories show them is not kept: all are looked through again, at no cost where nothing is missing
		for _, column := range []string{"title_terms", "body_terms"} {
			if err := tx.run(ctx, "UPDATE translations SET "+column+" = $1 WHERE "+column+" <> ''", feeds.Forgotten); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("forget translations: %w", err)
	}
	return gone, nil
}

func scanMemory(rows *sql.Rows) (r translate.Row, err error) {
	var key []byte
	var at int64
	err = rows.Scan(&key, &r.Engine, &r.Model, &r.Revision, &r.Glossary, &r.Human, &r.Pair.From, &r.Pair.To, &r.Role, &r.Source, &r.Target, &at)
	r.Key, r.At = sum32(key), instant(at)
	return r, err
}

// memorise stores rows; one of the same key and maker is replaced.
func memorise(ctx context.Context, tx transaction, rows []translate.Row) error {
	type maker struct {
		key                               translate.Key
		engine, model, revision, glossary string
		human                             bool
	}
	at := map[maker]int{} // PostgreSQL replaces no row twice in one statement
	var values [][]any
	for _, r := range rows {
		m := maker{r.Key, r.Engine, r.Model, r.Revision, r.Glossary, r.Human}
		i, twice := at[m]
		if !twice {
			i = len(values)
			at[m], values = i, append(values, nil)
		}
		values[i] = []any{r.Key[:], r.Engine, r.Model, r.Revision, r.Glossary, r.Human, r.Pair.From, r.Pair.To, string(r.Role), r.Source,
			r.Target, millis(r.At)}
	}
	err := tx.insert(ctx, "memory ("+memoryKey+", "+memoryValue+")", replacing(memoryKey, memoryValue), values)
	if err != nil {
		return fmt.Errorf("store the translation memory: %w", err)
	}
	return nil
}

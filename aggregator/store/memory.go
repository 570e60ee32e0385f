package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/nashra/nashra/translate"
)

const memoryColumns = "key, engine, model, revision, glossary, human, lang_from, lang_to, role, source, target, at"

// Recall returns every row of keys: see translate.Store.
func (s *Store) Recall(ctx context.Context, keys []translate.Key) (map[translate.Key][]translate.Row, error) {
	found := map[translate.Key][]translate.Row{}
	err := s.read(ctx, func(tx *sql.Tx) error {
		for batch := range slices.Chunk(keys, maxParams) {
			args := make([]any, len(batch))
			for i := range batch {
				args[i] = batch[i][:]
			}
			err := each(ctx, tx, func(rows *sql.Rows) error {
				r, err := scanMemory(rows)
				found[r.Key] = append(found[r.Key], r)
				return err
			}, "SELECT "+memoryColumns+" FROM memory WHERE key IN "+params(1, len(args))+
				" ORDER BY key, at, engine, model, revision, glossary, human", args...)
			if err != nil {
				return fmt.Errorf("read the translation memory: %w", err)
			}
		}
		return nil
	})
	return found, err
}

func scanMemory(rows *sql.Rows) (r translate.Row, err error) {
	var key []byte
	var at int64
	err = rows.Scan(&key, &r.Engine, &r.Model, &r.Revision, &r.Glossary, &r.Human, &r.Pair.From, &r.Pair.To, &r.Role, &r.Source, &r.Target, &at)
	r.Key, r.At = sum32(key), instant(at)
	return r, err
}

// memorise stores rows; one of the same key and maker is replaced.
func memorise(ctx context.Context, tx *sql.Tx, rows []translate.Row) error {
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
	err := insert(ctx, tx, "memory ("+memoryColumns+")", `ON CONFLICT (key, engine, model, revision, glossary, human) DO UPDATE SET
		lang_from = excluded.lang_from, lang_to = excluded.lang_to, role = excluded.role, source = excluded.source,
		target = excluded.target, at = excluded.at`, values)
	if err != nil {
		return fmt.Errorf("store the translation memory: %w", err)
	}
	return nil
}

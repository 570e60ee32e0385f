package store

import (
	"context"
	"database/sql"
)

// Outputs returns the hashes of the files that were published, by path.
func (s *Store) Outputs(ctx context.Context) (map[string][32]byte, error) {
	out := map[string][32]byte{}
	err := s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, func(rows *sql.Rows) error {
			var path string
			var sum []byte
			err := rows.Scan(&path, &sum)
			out[path] = sum32(sum)
			return err
		}, "SELECT path, sum FROM outputs")
	})
	return out, err
}

// SetOutputs replaces the list of files that were published.
func (s *Store) SetOutputs(ctx context.Context, out map[string][32]byte) error {
	rows := make([][]any, 0, len(out))
	for path, sum := range out {
		rows = append(rows, []any{path, sum[:]})
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		if err := run(ctx, tx, "DELETE FROM outputs"); err != nil {
			return err
		}
		return insert(ctx, tx, "outputs (path, sum)", "", rows)
	})
}

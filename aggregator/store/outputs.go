package store

import (
	"context"
	"database/sql"
	"time"
)

// Outputs returns the hashes of the files that this process published to its Place, by path; if
// none, the files of all places with a zero hash, as files that may be missing.
func (s *Store) Outputs(ctx context.Context) (map[string][32]byte, error) {
	out := map[string][32]byte{}
	err := s.read(ctx, func(tx transaction) error {
		scan := func(rows *sql.Rows) error {
			var path string
			var sum []byte
			err := rows.Scan(&path, &sum)
			out[path] = sum32(sum)
			return err
		}
		err := tx.each(ctx, scan, "SELECT path, sum FROM outputs WHERE place = $1", s.Place)
		if err != nil || len(out) > 0 {
			return err
		}
		return tx.each(ctx, scan, "SELECT DISTINCT path, NULL FROM outputs WHERE path <> ''") // '' is no file
	})
	return out, err
}

// SetOutputs replaces the list of files that this process published to its Place.
func (s *Store) SetOutputs(ctx context.Context, at time.Time, out map[string][32]byte) error {
	rows := make([][]any, 0, len(out))
	for path, sum := range out {
		rows = append(rows, []any{s.Place, path, sum[:], millis(at)})
	}
	return s.write(ctx, func(tx transaction) error {
		if err := tx.run(ctx, "DELETE FROM outputs WHERE place = $1", s.Place); err != nil {
			return err
		}
		return tx.insert(ctx, "outputs (place, path, sum, at)", "", rows)
	})
}

package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/nashra/nashra/aggregator"
)

// outputColumns are the columns of outputs after the key.
const outputColumns = "sum, made, size, modified, waiting, kept, at"

// Outputs returns the files that this process published to its Place, by path; if none, the files of
// all places as zero Outputs, which may be missing.
func (s *Store) Outputs(ctx context.Context) (map[string]aggregator.Output, error) {
	out := map[string]aggregator.Output{}
	err := s.read(ctx, func(tx transaction) error {
		err := tx.each(ctx, func(rows *sql.Rows) error {
			var path string
			var o aggregator.Output
			var sum, made sql.RawBytes
			var kept, at int64
			err := rows.Scan(&path, &sum, &made, &o.Size, &o.Modified, &o.Waiting, &kept, &at)
			o.Sum, o.Made, o.Kept = sum32(sum), sum32(made), instant(kept)
			out[path] = o
			return err
		}, "SELECT path, "+outputColumns+" FROM outputs WHERE place = $1", s.Place)
		if err != nil || len(out) > 0 {
			return err
		}
		return tx.each(ctx, func(rows *sql.Rows) error {
			var path string
			err := rows.Scan(&path)
			out[path] = aggregator.Output{}
			return err
		}, "SELECT DISTINCT path FROM outputs WHERE path <> ''") // '' is no file
	})
	return out, err
}

// SetOutputs changes the list of files that this process published to its Place.
func (s *Store) SetOutputs(
	ctx context.Context, at time.Time, put map[string]aggregator.Output, gone []string,
) error {
	rows := make([][]any, 0, len(put))
	for path, o := range put {
		rows = append(rows, []any{s.Place, path, o.Sum[:], o.Made[:], o.Size, o.Modified, o.Waiting, millis(o.Kept),
			millis(at)})
	}
	return s.write(ctx, func(tx transaction) error {
		err := tx.run(ctx, "DELETE FROM outputs WHERE place = $1 AND path "+tx.among(2), s.Place, gone)
		if err != nil {
			return err
		}
		return tx.insert(ctx, "outputs (place, path, "+outputColumns+")", replacing("place, path", outputColumns), rows)
	})
}

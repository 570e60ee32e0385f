package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
)

// index is what is to be written to the index of stories, by number.
type index struct {
	bands      map[int64]aggregator.Signed // leads that the story is found by
	identities [][2]int64                  // key, story
}

func identityRows(story int64, sig dedupe.Signature) (rows [][2]int64) {
	for _, k := range sig.Identity {
		rows = append(rows, [2]int64{k, story})
	}
	return rows
}

// store writes x, in the order of the tables: pages of theirs are then written once.
func (x *index) store(ctx context.Context, tx *sql.Tx) error {
	var bands, identities [][]any
	for _, n := range slices.Sorted(maps.Keys(x.bands)) {
		bands = append(bands, []any{n, millis(x.bands[n].When()), packed(x.bands[n].Signature.Bands)})
	}
	slices.SortFunc(x.identities, func(a, b [2]int64) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	for _, k := range slices.Compact(x.identities) {
		identities = append(identities, []any{k[0], k[1]})
	}
	err := insert(ctx, tx, "bands (story, filed, bands)", "ON CONFLICT (story) DO UPDATE SET filed = excluded.filed, bands = excluded.bands", bands)
	if err != nil {
		return fmt.Errorf("store bands: %w", err)
	}
	if err := insert(ctx, tx, "identities (key, story)", "ON CONFLICT DO NOTHING", identities); err != nil {
		return fmt.Errorf("store identities: %w", err)
	}
	return nil
}

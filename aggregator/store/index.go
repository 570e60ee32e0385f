package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
)

// lead is an item with what it is compared by.
type lead struct {
	item feeds.Item
	sig  dedupe.Signature
}

// index is what is to be written to the index of stories, by number.
type index struct {
	leads      map[int64]lead // what the story is compared by from now on
	bands      map[int64]lead // what it is found by
	identities [][2]int64     // key, story
}

func identityRows(story int64, sig dedupe.Signature) (rows [][2]int64) {
	for _, k := range sig.Identity {
		rows = append(rows, [2]int64{k, story})
	}
	return rows
}

// store writes x, in the order of the tables: pages of theirs are then written once.
func (x *index) store(ctx context.Context, tx *sql.Tx) error {
	var leads, bands, identities [][]any
	for _, n := range slices.Sorted(maps.Keys(x.leads)) {
		l := x.leads[n]
		signature, err := l.sig.MarshalBinary()
		if err != nil {
			return err
		}
		leads = append(leads, []any{n, l.item.SourceID, millis(l.item.When()), l.item.Title, signature})
	}
	for _, n := range slices.Sorted(maps.Keys(x.bands)) {
		bands = append(bands, []any{n, millis(x.bands[n].item.When()), packed(x.bands[n].sig.Bands)})
	}
	slices.SortFunc(x.identities, func(a, b [2]int64) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	for _, k := range slices.Compact(x.identities) {
		identities = append(identities, []any{k[0], k[1]})
	}
	err := insert(ctx, tx, "leads (story, source, filed, title, signature)", `ON CONFLICT (story) DO UPDATE SET
		source = excluded.source, filed = excluded.filed, title = excluded.title, signature = excluded.signature`, leads)
	if err != nil {
		return fmt.Errorf("store leads: %w", err)
	}
	err = insert(ctx, tx, "bands (story, filed, bands)", "ON CONFLICT (story) DO UPDATE SET filed = excluded.filed, bands = excluded.bands", bands)
	if err != nil {
		return fmt.Errorf("store bands: %w", err)
	}
	if err := insert(ctx, tx, "identities (key, story)", "ON CONFLICT DO NOTHING", identities); err != nil {
		return fmt.Errorf("store identities: %w", err)
	}
	return nil
}

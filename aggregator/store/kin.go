package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
)

// mostKin limits what is read of a source whose items cannot be told apart by their addresses.
const mostKin = 500

// Kin returns stored items that some of items may be: see aggregator.Store.
func (s *Store) Kin(ctx context.Context, items []aggregator.Signed, all bool) (out []feeds.Item, err error) {
	var keys [][]byte
	var identities []int64
	for _, it := range items {
		for l := feeds.ByGUID; l <= feeds.ByDate; l++ {
			keys = append(keys, itemKey(it.SourceID, it.Key(l)))
		}
		for _, k := range it.Signature.Identity {
			if identities = append(identities, k); !dedupe.IsWords(k) {
				identities = append(identities, dedupe.Addresses(it.URL)...)
			}
		}
	}
	known := map[string]bool{}
	scan := func(rows *sql.Rows) error {
		it, err := scanItem(rows)
		if !known[it.GUID] {
			known[it.GUID] = true
			out = append(out, it)
		}
		return err
	}
	const found = "SELECT " + itemColumns + " FROM items i JOIN texts t ON t.item = i.id WHERE i."
	err = s.read(ctx, func(tx transaction) error {
		if err := tx.each(ctx, scan, found+"key "+tx.amongBytes(1), keys); err != nil || len(items) == 0 {
			return err
		}
		source := items[0].SourceID
		err := tx.each(ctx, scan, found+`story IN (SELECT story FROM identities WHERE key `+tx.among(1)+`)
			AND i.source = $2 ORDER BY i.id DESC LIMIT $3`, identities, source, mostKin)
		if err != nil || !all {
			return err
		}
		from, to := itemKeys(source)
		return tx.each(ctx, scan, found+"key >= $1 AND i.key < $2 ORDER BY i.id DESC LIMIT $3", from, to, mostKin)
	})
	if err != nil {
		return nil, fmt.Errorf("look for items like those of source %s: %w", items[0].SourceID, err)
	}
	return out, nil
}

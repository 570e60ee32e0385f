package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/arabic"
)

// Migration 1 was edited in place until 2026-11-27, so stores of schema 1 have one of twenty
// layouts. Migration 2 brings each to the last: it copies the rows into new tables. Migration 6
// derives the rest.

// oneLayout is the first schema whose stores all have one layout.
const oneLayout = 2

// initial maps a column that some earlier layouts lack to the SQL of its value in their rows.
var initial = map[string]string{
	"sources.ttl": "0", "sources.skip_hours": "0", "sources.skip_days": "0", "sources.why": "''", "sources.class": "''",
	"sources.clock": "0", "sources.pages_day": "0", "sources.pages": "0",
	"items.origins": "''", "items.left_out": "NULL",
	"sources.note": "''", "sources.charset": "''", "sources.shared": "''", "sources.recipe": "''",
	"hosts.failures": "0", "stories.changed": "0", "stories.titled": "0", "stories.held": "0",
	// A whole text was made under a glossary that is not known.
	"translations.title_terms":  "CASE WHEN title <> '' THEN 'older' ELSE '' END",
	"translations.body_terms":   "CASE WHEN state = 'done' AND body <> '' THEN 'older' ELSE '' END",
	"translations.title_doubts": "''", "translations.body_doubts": "''",
	"outputs.place": "''",
	"outputs.at":    "(SELECT COALESCE(MAX(polled), 0) FROM sources)",
	"outputs.made":  "NULL", "outputs.size": "0", "outputs.modified": "0", "outputs.waiting": "0", "outputs.kept": "0",
}

// earlierIndexes are the indexes of all layouts of schema 1. Two tables cannot share a name.
var earlierIndexes = []string{
	"stories_newest", "items_ungrouped", "items_story", "items_last_seen", "bands_filed",
	"identities_story", "links_other",
}

// keepBought makes bought translations valid under any glossary. Layouts 1 to 3 do not record the
// terms of every engine, and the glossary changed after layout 6: texts would be bought again.
const keepBought = "UPDATE memory SET glossary = '" + translate.UnknownGlossary + `'
	WHERE target <> '' AND NOT human AND NOT EXISTS (SELECT 1 FROM memory o
		WHERE o.key = memory.key AND o.engine = memory.engine AND o.model = memory.model
			AND o.revision = memory.revision AND o.target <> '' AND NOT o.human
			AND (o.at > memory.at OR o.at = memory.at AND o.glossary > memory.glossary))`

// outdatedGlossary reports whether a store whose sources have these columns is of layouts 1 to 6.
func outdatedGlossary(sources []string) bool {
	return sources != nil && !slices.Contains(sources, "class")
}

// alignment returns the statements that give a store the layout wanted, none if no part is missing.
func (d dialect) alignment(have, want []part) (statements []string, err error) {
	if len(without(want, have)) == 0 {
		return nil, nil
	}
	do := func(format string, args ...any) { statements = append(statements, fmt.Sprintf(format, args...)) }
	do("DROP TABLE IF EXISTS leads") // derive fills signatures and filed, which replaced these
	do("DROP TABLE IF EXISTS bands")
	for _, index := range earlierIndexes {
		do("DROP INDEX IF EXISTS %s", index)
	}
	var found []string
	for _, table := range tables {
		if columnsOf(have, table) != nil {
			found = append(found, table)
			do("ALTER TABLE %[1]s RENAME TO before_%[1]s", table)
		}
	}
	if d.renamed != "" {
		statements = append(statements, d.renamed)
	}
	statements = append(statements, begin)
	for _, table := range found {
		if slices.Contains(derived, table) {
			continue
		}
		columns := columnsOf(want, table)
		values, missing := Selected(table, columns, columnsOf(have, table))
		if missing != "" {
			return nil, fmt.Errorf("column %s.%s is missing, which stores of every layout have", table, missing)
		}
		do("INSERT INTO %[1]s (%[2]s) SELECT %[3]s FROM before_%[1]s",
			table, strings.Join(columns, ", "), strings.Join(values, ", "))
	}
	if outdatedGlossary(columnsOf(have, "sources")) {
		statements = append(statements, keepBought)
	}
	for _, table := range slices.Backward(found) { // tables that refer to others first
		do("DROP TABLE before_%s", table)
	}
	return statements, nil
}

// Selected returns what to SELECT for columns from a table that has only some of them: the column
// or its initial value. A column without one is returned as missing, and selected as NULL.
func Selected(table string, columns, have []string) (values []string, missing string) {
	for _, column := range columns {
		value, known := initial[table+"."+column]
		switch {
		case slices.Contains(have, column):
			value = column
		case !known:
			value, missing = "NULL", column
		}
		values = append(values, value)
	}
	return values, missing
}

// pending returns the statements that migration 2 has to run on a store of schema 1.
func (d dialect) pending(ctx context.Context, tx transaction) ([]string, error) {
	want, err := layoutAt(ctx, 1)
	if err != nil {
		return nil, err
	}
	have, err := d.layoutOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	return d.alignment(have, want)
}

// align is migration 2.
func (s *Store) align(ctx context.Context, in *sql.Tx) error {
	tx := transaction{in, s.dialect.binding}
	statements, err := s.dialect.pending(ctx, tx)
	if err != nil || len(statements) == 0 {
		return err
	}
	for _, q := range statements {
		if err := tx.run(ctx, q); err != nil {
			return fmt.Errorf("%.60s: %w", q, err)
		}
	}
	return nil
}

// resigned is the first schema whose signatures are sketches. Those before were MinHash bands.
const resigned = 6

// resign is migration 6.
func (s *Store) resign(ctx context.Context, in *sql.Tx) error {
	return derive(ctx, transaction{in, s.dialect.binding})
}

// derived are the tables that derive fills.
var derived = []string{"signatures", "filed"}

// itemsDerived is how many items derive holds in memory at once.
const itemsDerived = 500

// derive makes anew what items are grouped by: signatures, their stories' identities and the index
// of recent stories. It does not know the names in the operator's glossary.
func derive(ctx context.Context, tx transaction) error {
	for _, table := range derived {
		if err := tx.run(ctx, "DELETE FROM "+table); err != nil {
			return err
		}
	}
	var newest int64
	if err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(seen), 0) FROM items").Scan(&newest); err != nil {
		return err
	}
	since := newest - dedupe.Window.Milliseconds()
	shared, err := sharedBy(ctx, tx)
	if err != nil {
		return err
	}
	for last, more := int64(0), true; more; {
		var signatures [][]any
		var x index
		err := tx.each(ctx, func(rows *sql.Rows) error {
			var story int64
			it, err := scanItem(rows, &last, &story)
			if err != nil {
				return err
			}
			signed := aggregator.Signed{Item: it, Signature: aggregator.Sign(it, arabic.Lexicon{}, shared[it.SourceID])}
			signature, err := signed.Signature.MarshalBinary()
			signatures = append(signatures, []any{last, signature})
			if story != 0 {
				x.identify(story, signed.Signature)
			}
			if story != 0 && millis(it.Seen) >= since {
				x.file(last, signed.Pending().Printing)
			}
			return err
		}, "SELECT "+itemColumns+`, i.id, COALESCE(s.number, 0)
			FROM items i JOIN texts t ON t.item = i.id LEFT JOIN stories s ON s.number = i.story
			WHERE i.id > $1 ORDER BY i.id LIMIT $2`, last, itemsDerived)
		if err != nil {
			return fmt.Errorf("sign items: %w", err)
		}
		if err := tx.insert(ctx, "signatures (item, signature)", "", signatures); err != nil {
			return fmt.Errorf("store signatures: %w", err)
		}
		if err := x.store(ctx, tx); err != nil {
			return err
		}
		more = len(signatures) == itemsDerived
	}
	return nil
}

// sharedBy returns, by source, what its items share, which therefore identifies none of them.
func sharedBy(ctx context.Context, tx transaction) (map[string]feeds.Shared, error) {
	shared := map[string]feeds.Shared{}
	return shared, tx.each(ctx, func(rows *sql.Rows) error {
		var id, what string
		err := rows.Scan(&id, &what)
		shared[id] = feeds.Shared(what)
		return err
	}, "SELECT id, shared FROM sources WHERE shared <> ''")
}

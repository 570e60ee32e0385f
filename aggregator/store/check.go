package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Counts is how much a store holds.
type Counts struct {
	Schema                                 int64
	Next                                   int64 // schema that the next Open brings the store to; 0: it has the newest
	Sources, Items, Stories, Shown, Memory int64
}

// rules name what no store may hold, and the rows that do: what follows SELECT COUNT(*) FROM.
var rules = []struct{ what, rows string }{
	{"stories without a lead",
		"stories s WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.id = s.lead AND i.story = s.number)"},
	{"items of stories that are not there",
		"items i WHERE i.story IS NOT NULL AND NOT EXISTS (SELECT 1 FROM stories s WHERE s.number = i.story)"},
	{"items without their text", "items i WHERE NOT EXISTS (SELECT 1 FROM texts t WHERE t.item = i.id)"},
	{"items without what they are grouped by",
		"items i WHERE NOT EXISTS (SELECT 1 FROM signatures g WHERE g.item = i.id)"},
	{"texts of items that are not there", "texts t WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.id = t.item)"},
	{"signatures of items that are not there",
		"signatures g WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.id = g.item)"},
	{"identities of stories that are not there",
		"identities k WHERE NOT EXISTS (SELECT 1 FROM stories s WHERE s.number = k.story)"},
	{"translations of stories that are not there",
		"translations t WHERE NOT EXISTS (SELECT 1 FROM stories s WHERE s.number = t.story)"},
	{"stories that changed before they began", "stories WHERE updated < published"},
}

// maxFaults limits the faults that are listed of the file itself.
const maxFaults = 20

// Check reads the store at address and returns what it holds and a sentence for each fault. It
// never makes or changes a store. An error means that the store could not be read.
func Check(ctx context.Context, address string) (n Counts, faults []string, err error) {
	if _, err := os.Stat(address); err != nil && !isPostgres(address) {
		return n, nil, fmt.Errorf("store %s: %w", address, err)
	}
	s, err := openAsIs(address)
	if err != nil {
		return n, nil, err
	}
	defer s.Close()
	have, newest, err := s.version(ctx)
	if err != nil {
		return n, nil, s.explain(err)
	}
	err = s.read(ctx, func(tx transaction) error {
		if s.path != "" {
			if faults, err = fileFaults(ctx, tx); err != nil || len(faults) > 0 {
				return err
			}
		}
		var lacks []part
		if lacks, faults, err = s.layoutFaults(ctx, tx, have); err != nil {
			return err
		}
		for _, r := range rules {
			needed := func(p part) bool { return p.isTable() && strings.Contains(r.rows, p.table) }
			if slices.ContainsFunc(lacks, needed) {
				continue
			}
			var broken int64
			if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+r.rows).Scan(&broken); err != nil {
				return err
			}
			if broken > 0 {
				faults = append(faults, fmt.Sprintf("%d %s", broken, r.what))
			}
		}
		if n.Schema = have; have < newest {
			n.Next = newest
		}
		return tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM sources WHERE NOT `+isList+`),
			(SELECT COUNT(*) FROM items),
			(SELECT COUNT(*) FROM stories), (SELECT COUNT(*) FROM stories WHERE NOT hidden),
			(SELECT COUNT(*) FROM memory)`,
		).Scan(&n.Sources, &n.Items, &n.Stories, &n.Shown, &n.Memory)
	})
	return n, faults, err
}

// layoutFaults compares the store's layout with its schema. It returns the parts that are missing,
// and a sentence for each difference that migration 2 will not remove.
func (s *Store) layoutFaults(
	ctx context.Context, tx transaction, schema int64,
) (lacks []part, faults []string, err error) {
	want, err := layoutAt(ctx, schema)
	if err != nil {
		return nil, nil, err
	}
	have, err := s.dialect.layoutOf(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	lacks = without(want, have)
	if schema < oneLayout {
		if _, err := s.dialect.alignment(have, want); err != nil {
			faults = append(faults, err.Error())
		}
		return lacks, faults, nil
	}
	for _, p := range lacks {
		faults = append(faults, p.text+" is missing")
	}
	for _, p := range without(have, want) {
		faults = append(faults, fmt.Sprintf("%s is not of schema %d", p.text, schema))
	}
	return lacks, faults, nil
}

// fileFaults returns what SQLite's own check finds. It also counts texts that hold zero bytes, as
// SQLite reads a lost page, and lists that are not JSON.
func fileFaults(ctx context.Context, tx transaction) (faults []string, err error) {
	err = tx.each(ctx, func(rows *sql.Rows) error {
		var text string
		err := rows.Scan(&text)
		if text != "ok" {
			faults = append(faults, text)
		}
		return err
	}, fmt.Sprintf("PRAGMA integrity_check(%d)", maxFaults))
	if err != nil || len(faults) > 0 {
		return faults, err
	}
	count := func(where string) error {
		var broken int64
		err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+where).Scan(&broken)
		if broken > 0 {
			table, _, _ := strings.Cut(where, " ")
			faults = append(faults, fmt.Sprintf("%d rows of %s with a text that nobody stored", broken, table))
		}
		return err
	}
	for _, table := range tables {
		var texts sql.NullString
		err := tx.QueryRowContext(ctx, "SELECT group_concat(name) FROM pragma_table_info($1) WHERE type = 'TEXT'",
			table).Scan(&texts)
		if err == nil && texts.Valid {
			err = count(table + " WHERE instr(CAST(concat(" + texts.String + ") AS BLOB), x'00') > 0")
		}
		if err != nil {
			return nil, err
		}
	}
	return faults, count("texts WHERE " + unlisted)
}

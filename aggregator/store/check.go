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
	Next                                   int64 // the schema that the store will be brought to when it is next opened; 0: it has the newest
	Sources, Items, Stories, Shown, Memory int64
}

// rules are what must hold in every store: each query counts what breaks one.
var rules = []struct{ what, count string }{
	{"stories without a lead", "SELECT COUNT(*) FROM stories s WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.id = s.lead AND i.story = s.number)"},
	{"items of stories that are not there", "SELECT COUNT(*) FROM items i WHERE i.story IS NOT NULL AND NOT EXISTS (SELECT 1 FROM stories s WHERE s.number = i.story)"},
	{"items without their text", "SELECT COUNT(*) FROM items i WHERE NOT EXISTS (SELECT 1 FROM texts t WHERE t.item = i.id)"},
	{"items without what they are grouped by", "SELECT COUNT(*) FROM items i WHERE NOT EXISTS (SELECT 1 FROM signatures g WHERE g.item = i.id)"},
	{"texts of items that are not there", "SELECT COUNT(*) FROM texts t WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.id = t.item)"},
	{"signatures of items that are not there", "SELECT COUNT(*) FROM signatures g WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.id = g.item)"},
	{"identities of stories that are not there", "SELECT COUNT(*) FROM identities k WHERE NOT EXISTS (SELECT 1 FROM stories s WHERE s.number = k.story)"},
	{"translations of stories that are not there", "SELECT COUNT(*) FROM translations t WHERE NOT EXISTS (SELECT 1 FROM stories s WHERE s.number = t.story)"},
	{"stories that changed before they began", "SELECT COUNT(*) FROM stories WHERE updated < published"},
}

// maxFaults is how many faults of the file itself are told.
const maxFaults = 20

// Check looks through the store at address, which is neither made nor changed, and says what it holds and what is wrong with it, a
// sentence each; nothing wrong is nil. An error means that it could not be looked through.
func Check(ctx context.Context, address string) (n Counts, faults []string, err error) {
	if _, err := os.Stat(address); err != nil && !isPostgres(address) {
		return n, nil, fmt.Errorf("store %s: %w", address, err)
	}
	s, err := openAsIs(address)
	if err != nil {
		return n, nil, err
	}
	defer s.Close()
	have, newest, err := s.stands(ctx)
	if err != nil {
		return n, nil, s.explain(err)
	}
	err = s.read(ctx, func(tx transaction) error {
		if s.path != "" {
			if faults, err = fileFaults(ctx, tx); err != nil || len(faults) > 0 {
				return err
			}
		}
		lacks, odd, err := s.compare(ctx, tx, have, newest)
		if err != nil {
			return err
		}
		if faults = odd; have < newest {
			n.Next = newest
		}
		for _, r := range rules {
			if slices.ContainsFunc(lacks, func(p part) bool { return p.isTable() && strings.Contains(r.count, p.table) }) {
				continue
			}
			var broken int64
			if err := tx.QueryRowContext(ctx, r.count).Scan(&broken); err != nil {
				return err
			}
			if broken > 0 {
				faults = append(faults, fmt.Sprintf("%d %s", broken, r.what))
			}
		}
		return tx.QueryRowContext(ctx, `SELECT (SELECT MAX(version_id) FROM `+schemaTable+`), (SELECT COUNT(*) FROM sources),
			(SELECT COUNT(*) FROM items), (SELECT COUNT(*) FROM stories), (SELECT COUNT(*) FROM stories WHERE NOT hidden),
			(SELECT COUNT(*) FROM memory)`).Scan(&n.Schema, &n.Sources, &n.Items, &n.Stories, &n.Shown, &n.Memory)
	})
	return n, faults, err
}

// compare returns the parts that the store lacks, and as faults how its layout differs from what the schema says: what a migration will
// bring to an older store is none.
func (s *Store) compare(ctx context.Context, tx transaction, have, newest int64) (lacks []part, faults []string, err error) {
	want, err := layoutAt(ctx, have)
	if err != nil {
		return nil, nil, err
	}
	found, err := s.dialect.layoutOf(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	lacks = without(want, found)
	if have < oneLayout {
		if _, err := s.dialect.alignment(found, want); err != nil {
			faults = append(faults, err.Error())
		}
		return lacks, faults, nil
	}
	for _, p := range lacks {
		faults = append(faults, p.text+" is missing")
	}
	for _, p := range without(found, want) {
		faults = append(faults, fmt.Sprintf("%s is not of schema %d", p.text, have))
	}
	return lacks, faults, nil
}

// fileFaults is what SQLite finds wrong with its file, pages and references, and where the zeros of a lost page stand in a text.
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
		err := tx.QueryRowContext(ctx, "SELECT group_concat(name) FROM pragma_table_info('"+table+"') WHERE type = 'TEXT'").Scan(&texts)
		if err == nil && texts.Valid {
			err = count(table + " WHERE instr(CAST(concat(" + texts.String + ") AS BLOB), x'00') > 0")
		}
		if err != nil {
			return nil, err
		}
	}
	return faults, count("texts WHERE " + unlisted)
}

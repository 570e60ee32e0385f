package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// part is a table, a column or an index of a store. The parts of a store are its layout.
type part struct {
	table, column string // column is empty unless the part is one
	text          string // the whole definition, for people
}

func (p part) isTable() bool { return p.text == "table "+p.table }

// layoutOf reads the parts of our tables. Others, such as River's and Litestream's, are left out.
func (d dialect) layoutOf(ctx context.Context, tx transaction) (parts []part, err error) {
	err = tx.each(ctx, func(rows *sql.Rows) error {
		var p part
		err := rows.Scan(&p.table, &p.column, &p.text)
		parts = append(parts, p)
		return err
	}, d.layout)
	if err != nil {
		return nil, fmt.Errorf("read the store's layout: %w", err)
	}
	return parts, nil
}

// layoutAt reads the layout of a schema from a new store in memory. Both databases have the same.
func layoutAt(ctx context.Context, schema int64) (parts []part, err error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection has a memory of its own
	s := &Store{w: db, r: db, name: "in memory", dialect: sqliteDialect()}
	p, _, err := s.provider(migrations())
	if err != nil {
		return nil, err
	}
	if _, err := p.UpTo(ctx, schema); err != nil {
		return nil, fmt.Errorf("make schema %d: %w", schema, err)
	}
	return parts, s.read(ctx, func(tx transaction) error {
		parts, err = s.dialect.layoutOf(ctx, tx)
		return err
	})
}

// without returns the parts that are not among others. It returns a missing table without its
// columns and indexes.
func without(parts, others []part) (only []part) {
	absent := map[string]bool{}
	for _, p := range parts {
		if p.isTable() && !slices.Contains(others, p) {
			absent[p.table] = true
		}
	}
	for _, p := range parts {
		if !slices.Contains(others, p) && (!absent[p.table] || p.isTable()) {
			only = append(only, p)
		}
	}
	return only
}

// columnsOf returns the columns of a table, in order.
func columnsOf(parts []part, table string) (names []string) {
	for _, p := range parts {
		if p.table == table && p.column != "" {
			names = append(names, p.column)
		}
	}
	return names
}

// quoted returns a list of our own tables' names in SQL.
func quoted(names []string) string { return "('" + strings.Join(names, "', '") + "')" }

// sqliteLayout and postgresLayout return the query for parts, which gives the same text in both.
func sqliteLayout() string {
	in := quoted(tables)
	return `SELECT name, '' AS part, 'table ' || name FROM sqlite_master WHERE type = 'table' AND name IN ` + in + `
		UNION ALL SELECT m.name, c.name, 'column ' || m.name || '.' || c.name || ' ' || c.type ||
			CASE WHEN c."notnull" THEN ' NOT NULL' ELSE '' END || CASE WHEN c.pk > 0 THEN ' KEY ' || c.pk ELSE '' END
			FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name IN ` + in + `
		UNION ALL SELECT tbl_name, '', 'index ' || substr(sql, instr(sql, 'INDEX ') + 6)
			FROM sqlite_master WHERE type = 'index' AND sql <> '' AND tbl_name IN ` + in + `
		UNION ALL SELECT m.name, '', 'unique ' || m.name || ' (' ||
				(SELECT group_concat(name, ', ') FROM pragma_index_info(l.name)) || ')'
			FROM sqlite_master m JOIN pragma_index_list(m.name) l
			WHERE m.type = 'table' AND l.origin = 'u' AND m.name IN ` + in
}

func postgresLayout() string {
	return `WITH t AS (SELECT c.oid, c.relname::text AS name
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = current_schema() AND c.relkind = 'r' AND c.relname IN ` + quoted(tables) + `),
		i AS (SELECT t.name, x.indisunique AS one, c.relname AS index,
				split_part(pg_get_indexdef(c.oid), ' USING btree ', 2) AS of
			FROM t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class c ON c.oid = x.indexrelid
			WHERE NOT x.indisprimary)
		SELECT name, '' AS part, 'table ' || name FROM t
		UNION ALL (SELECT t.name, a.attname, 'column ' || t.name || '.' || a.attname || ' ' ||
				upper(format_type(a.atttypid, a.atttypmod)) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END ||
				COALESCE(' KEY ' || array_position(k.indkey::int2[], a.attnum) + 1, '')
			FROM t JOIN pg_attribute a ON a.attrelid = t.oid
				LEFT JOIN pg_index k ON k.indrelid = t.oid AND k.indisprimary
			WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum)
		UNION ALL SELECT name, '', CASE WHEN one THEN 'unique ' || name || ' ' || of
			ELSE 'index ' || index || ' ON ' || name || ' ' || split_part(of, ' WHERE ', 1) ||
				COALESCE(' WHERE ' || NULLIF(translate(split_part(of, ' WHERE ', 2), '()', ''), ''), '') END
			FROM i`
}

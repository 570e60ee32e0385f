package store

import (
	"database/sql"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/nashra/nashra/aggregator/store/storetest"
)

func TestMain(m *testing.M) {
	if role := os.Getenv("NASHRA_TEST_HOLD"); role != "" {
		hold(role)
	}
	os.Exit(storetest.Main(m))
}

// A search goes by the index of words, also where the planner would rather go through all texts, which it takes for short.
func TestSearchGoesByItsIndex(t *testing.T) {
	st, ctx := opened(t, databases["PostgreSQL"](t)), t.Context()
	if err := st.searchable(ctx); err != nil {
		t.Fatal(err)
	}
	err := st.write(ctx, func(tx *sql.Tx) error {
		for at := range 200 {
			if err := run(ctx, tx, st.dialect.search.add, at, "word"); err != nil {
				return err
			}
		}
		return run(ctx, tx, "ANALYZE search")
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 8 { // of a statement that comes again PostgreSQL plans the sixth time for all words alike
		var plan strings.Builder
		err := st.read(ctx, func(tx *sql.Tx) error {
			if err := run(ctx, tx, st.dialect.search.plan); err != nil {
				return err
			}
			plan.Reset()
			return each(ctx, tx, func(rows *sql.Rows) error {
				var line string
				err := rows.Scan(&line)
				plan.WriteString(line + "\n")
				return err
			}, "EXPLAIN "+st.dialect.search.query(), "'word'", int64(math.MaxInt64), 20)
		})
		if err != nil || !strings.Contains(plan.String(), "Bitmap Index Scan on search_words") {
			t.Fatalf("%v\n%s", err, plan.String())
		}
	}
}

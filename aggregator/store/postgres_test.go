package store

import (
	"database/sql"
	"math"
	"os"
	"strconv"
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

// A search uses the index of words, also where the planner would rather scan all texts.
func TestSearchGoesByItsIndex(t *testing.T) {
	st, ctx := opened(t, databases["PostgreSQL"](t)), t.Context()
	if err := st.searchable(ctx); err != nil {
		t.Fatal(err)
	}
	err := st.write(ctx, func(tx transaction) error {
		for at := range 200 {
			if err := tx.run(ctx, st.dialect.search.add, at, "word"); err != nil {
				return err
			}
		}
		return tx.run(ctx, "ANALYZE search")
	})
	if err != nil {
		t.Fatal(err)
	}
	// PostgreSQL plans for these words, or from the sixth query on for any words.
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		var plan strings.Builder
		err := st.read(ctx, func(tx transaction) error {
			for _, before := range []string{st.dialect.search.plan, "SET LOCAL plan_cache_mode = " + mode,
				"PREPARE " + mode + " (TEXT, BIGINT, BIGINT) AS " + st.dialect.search.query()} {
				if err := tx.run(ctx, before); err != nil {
					return err
				}
			}
			return tx.each(ctx, func(rows *sql.Rows) error {
				var line string
				err := rows.Scan(&line)
				plan.WriteString(line + "\n")
				return err
			}, "EXPLAIN EXECUTE "+mode+" ('word', "+strconv.Itoa(math.MaxInt64)+", 20)")
		})
		if err != nil || !strings.Contains(plan.String(), "Bitmap Index Scan on search_words") {
			t.Fatalf("%s: %v\n%s", mode, err, plan.String())
		}
	}
}

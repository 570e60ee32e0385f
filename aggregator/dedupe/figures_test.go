package dedupe_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// figure is a line of the table: what was measured, by the build of 2026-11-27 and now, and its bar.
type figure struct {
	what, before string
	now, bar     float64
	most         bool // bar is the most that is allowed, not the least
}

func least(what, before string, now, bar float64) figure {
	return figure{what, before, now, bar, false}
}
func most(what, before string, now, bar float64) figure { return figure{what, before, now, bar, true} }

// TestFigures prints what grouping reaches, and fails below a bar. NASHRA_TEST_NEWS names a folder with
// saudi/*.zip, days of SaudiNewsNet, and pairs/ans.tsv and pairs/semeval.tsv: see testdata/README.md.
// It writes folds, links and missed pairs to NASHRA_TEST_OUT, for reading.
func TestFigures(t *testing.T) {
	table := append(labelledFigures(t), farmFigures(t)...)
	if dir := os.Getenv("NASHRA_TEST_NEWS"); dir != "" {
		table = append(table, newsFigures(t, filepath.Join(dir, "saudi"), os.Getenv("NASHRA_TEST_OUT"))...)
		table = append(table, coverageFigures(t, filepath.Join(dir, "saudi"), os.Getenv("NASHRA_TEST_OUT"))...)
		table = append(table, pairFigures(t, filepath.Join(dir, "pairs"))...)
	}
	fmt.Printf("%-52s %8s %8s   %s\n", "", "before", "now", "bar")
	for _, f := range table {
		missed, sign := f.now < f.bar, "≥"
		if f.most {
			missed, sign = f.now > f.bar, "≤"
		}
		mark := ""
		if missed {
			mark = "  MISSED"
			t.Fail()
		}
		fmt.Printf("%-52s %8s %8.4g   %s %.4g%s\n", f.what, f.before, f.now, sign, f.bar, mark)
	}
}

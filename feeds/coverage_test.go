package feeds

import (
	"slices"
	"testing"
	"time"
)

func TestCoverageInWords(t *testing.T) {
	for _, c := range []struct {
		outlets, reports int
		english, arabic  string
	}{
		{1, 1, "one outlet", "منفذ واحد"},
		{2, 1, "2 outlets, one text", "منفذان، نص واحد"},
		{7, 1, "7 outlets, one text", "7 منافذ، نص واحد"},
		{7, 4, "7 outlets, 4 reports", "7 منافذ، 4 تقارير"},
		{1, 2, "one outlet, 2 reports", "منفذ واحد، تقريران"},
		{2, 2, "2 outlets, 2 reports", "منفذان، تقريران"},
		{3, 3, "3 outlets, 3 reports", "3 منافذ، 3 تقارير"},
		{10, 10, "10 outlets, 10 reports", "10 منافذ، 10 تقارير"},
		{11, 12, "11 outlets, 12 reports", "11 منفذًا، 12 تقريرًا"},
		{99, 100, "99 outlets, 100 reports", "99 منفذًا، 100 تقرير"},
		{101, 102, "101 outlets, 102 reports", "101 منفذ، 102 تقرير"},
		{103, 111, "103 outlets, 111 reports", "103 منافذ، 111 تقريرًا"},
		{1000, 1, "1000 outlets, one text", "1000 منفذ، نص واحد"},
	} {
		if got := Coverage("en", c.outlets, c.reports); got != c.english {
			t.Errorf("%q, want %q", got, c.english)
		}
		if got := Coverage("ar", c.outlets, c.reports); got != c.arabic {
			t.Errorf("%q, want %q", got, c.arabic)
		}
	}
}

func TestOutletsOfAStory(t *testing.T) {
	at := func(hours int) time.Time { return time.Unix(0, 0).Add(time.Duration(hours) * time.Hour).UTC() }
	item := func(source string, hours int) Member {
		return Member{Item: Item{SourceID: source, Seen: at(9), Published: at(hours)}}
	}
	s := Story{
		Items:     []Member{item("b", 5), item("a", 3), item("A", 1), item("c", 8)},
		Related:   []Member{item("d", 2)},
		Elsewhere: []Appearance{{"d", at(9), at(2)}, {"e", at(8), at(7)}, {"c", at(10), at(9)}},
	}
	outlet := func(source string) string {
		if source == "A" {
			return "a"
		}
		return source
	}
	if got, want := s.Outlets(outlet), []string{"e", "a", "d", "b", "c"}; !slices.Equal(got, want) || s.Reports() != 2 {
		t.Errorf("%q in %d reports, want %q", got, s.Reports(), want)
	}
}

package aggregator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

func TestEventsCountOutletsThatReadersMaySee(t *testing.T) {
	type query = feeds.EventQuery
	apart := func(r *rig) { r.opt.Sources[1].Outlet = "two" }
	for name, c := range map[string]struct {
		change func(r *rig)
		query
		want string // the headlines' guids and outlets; 1 is told by both sources, 2 by one
	}{
		"two feeds of a site": {nil, query{}, "1: news.example; 2: news.example"},
		"of two sites": {func(r *rig) {
			r.pages["/two"] = strings.Replace(r.pages["/two"], "news.example", "other.example", 1)
		}, query{}, "1: news.example other.example; 2: news.example"},
		"an outlet by name":        {apart, query{}, "1: news.example two; 2: news.example"},
		"at least so many outlets": {apart, query{MinOutlets: 2}, "1: news.example two"},
		"the best one":             {apart, query{Top: 1}, "1: news.example two"},
		"a channel of a source":    {nil, query{Channel: feeds.Channel{Sources: []string{"two"}}}, "1: news.example"},
		"a channel of no source":   {nil, query{Channel: feeds.Channel{Tags: []string{"none"}}}, ""},
		"a channel of words":       {nil, query{Channel: feeds.Channel{Include: []string{"هواوي"}}}, "2: news.example"},
		"a channel without words":  {nil, query{Channel: feeds.Channel{Exclude: []string{"هواوي"}}}, "1: news.example"},
		"an earlier period":        {nil, query{From: noon.Add(-48 * time.Hour), To: noon.Add(-24 * time.Hour)}, ""},
		"held for their translation": {func(r *rig) {
			r.opt.OnBudget, r.limits = "hold", []translate.Limit{{Chars: 1}}
		}, query{}, ""},
		"in a language that we do not know": {func(r *rig) {
			text := []string{"Компания показала модель", "Компания показала новую модель.", "Она дешевле."}
			r.pages["/one"] = rss(article("1", text[0], text[1], text[2]))
			r.pages["/two"] = rss(article("9", text[0], text[1], text[2]))
			apart(r)
		}, query{}, "1: news.example two"},
		"no story": {func(r *rig) { r.pages["/one"], r.pages["/two"] = rss(), rss() }, query{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, newsPages())
			if c.change != nil {
				c.change(r)
			}
			r.pass(t)
			if c.To.IsZero() {
				c.From, c.To = noon.Add(-time.Hour), noon.Add(time.Hour)
			}
			events, err := r.over(r.st).Catalog.Events(t.Context(), c.query)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range events {
				page, err := r.st.Stories(t.Context(), feeds.Query{IDs: e.Stories[:1], Limit: 1})
				if err != nil || len(page) != 1 {
					t.Fatal(len(page), err)
				}
				guid := page[0].Items[0].GUID
				got = append(got, fmt.Sprint(guid[len(guid)-1:], ": ", strings.Join(e.Outlets, " ")))
			}
			if all := strings.Join(got, "; "); all != c.want {
				t.Errorf("%s, want %s", all, c.want)
			}
		})
	}
}

package parse

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/page"
	"github.com/nashra/nashra/feeds/sanitize"
)

// saved is a page in feeds/page/testdata, with what it says.
type saved struct {
	name        string
	Odd         string     // what is odd about it
	URL         string     `json:"url"`
	ContentType string     `json:"content_type"`
	Feed        string     // that it declares; empty: none
	Page        feeds.Page // selectors as a person writes them
	Items       []struct {
		Title, URL, Published, Summary, Image string // empty: not said
	}
	doc feeds.Document
}

// pageTime is when the pages were asked for.
var pageTime = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func savedPages(t testing.TB) (out []saved) {
	names, err := filepath.Glob("../page/testdata/*.json")
	if err != nil || len(names) < 30 {
		t.Fatalf("%d pages: %v", len(names), err)
	}
	for _, name := range names {
		about, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s := saved{name: strings.TrimSuffix(filepath.Base(name), ".json"), ContentType: "text/html; charset=utf-8"}
		if err := json.Unmarshal(about, &s); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		body, err := os.ReadFile(strings.TrimSuffix(name, "json") + "html")
		if err != nil {
			t.Fatal(err)
		}
		s.doc = feeds.Document{URL: s.URL, Base: s.URL, ContentType: s.ContentType, Body: body, At: pageTime}
		out = append(out, s)
	}
	return out
}

func (s saved) read(t testing.TB, p feeds.Page) feeds.Feed {
	t.Helper()
	f, err := Feed(feeds.Source{ID: "page", URL: s.URL, Page: p}, s.doc)
	if err != nil {
		t.Errorf("%s: %v", s.name, err)
	}
	return f
}

func TestSavedPagesByTheirSelectors(t *testing.T) {
	for _, s := range savedPages(t) {
		f := s.read(t, s.Page)
		if len(f.Items) != len(s.Items) {
			t.Errorf("%s: got %d items, want %d", s.name, len(f.Items), len(s.Items))
			continue
		}
		for i, want := range s.Items {
			got := f.Items[i]
			for _, field := range [][3]string{{"title", got.Title, want.Title}, {"url", got.URL, want.URL},
				{"published", instant(got.Published), want.Published}, {"summary", plainText(got.Main()), want.Summary},
				{"image", pictureOf(got), want.Image}} {
				if field[2] != "" && field[1] != field[2] {
					t.Errorf("%s: item %d: %s: got %q, want %q", s.name, i+1, field[0], field[1], field[2])
				}
			}
		}
	}
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

func plainText(html string) string { return feeds.Line(sanitize.TextOf(html)) }

func pictureOf(it feeds.Item) string {
	if len(it.Images) > 0 {
		return it.Images[0].URL
	}
	_, rest, _ := strings.Cut(it.Main(), `<img src="`)
	address, _, _ := strings.Cut(rest, `"`)
	return address
}

// Proposals are judged on the pages without a feed: the first one must find all items, with their
// headlines and addresses, and nothing else.
func TestProposalsFindAllItems(t *testing.T) {
	const atLeast = 0.8 // of the pages; the others are printed
	pages, right := 0, 0
	for _, s := range savedPages(t) {
		if s.Feed != "" {
			continue
		}
		pages++
		proposals := Propose(s.doc)
		if len(proposals) == 0 {
			fmt.Printf("%-28s nothing\n", s.name)
			continue
		}
		missing, more := s.compare(proposals[0])
		fmt.Printf("%-28s %2d of %2d, %d others  %s\n",
			s.name, len(s.Items)-len(missing), len(s.Items), more, proposals[0])
		if len(missing) == 0 && more == 0 {
			right++
		}
	}
	fmt.Printf("proposals find all items on %d of %d pages\n", right, pages)
	if pages < 25 || float64(right) < atLeast*float64(pages) {
		t.Errorf("proposals find all items on %d of %d pages", right, pages)
	}
}

func (s saved) compare(p page.Proposal) (missing []string, more int) {
	for _, want := range s.Items {
		if !slices.ContainsFunc(p.Items, func(it page.Item) bool {
			return it.Link == want.URL && it.Title == want.Title
		}) {
			missing = append(missing, want.Title)
		}
	}
	return missing, len(p.Items) - (len(s.Items) - len(missing))
}

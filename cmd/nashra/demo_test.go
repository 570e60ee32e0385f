package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// demoItem is what tests read of a published JSON Feed.
type demoItem struct {
	Title, Language string
	Content         string `json:"content_html"`
	Nashra          struct {
		Story       string
		Sources     []demoSource
		Related     []demoSource
		Translation struct{ Engine, State string }
	} `json:"_nashra"`
}

type demoSource struct{ ID, Kind string }

func demoItems(t *testing.T, dir string, e feeds.Edition) []demoItem {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "public", feeds.Path("feed", e, feeds.JSON)))
	if err != nil {
		t.Fatal(err)
	}
	var feed struct{ Items []demoItem }
	if err := json.Unmarshal(b, &feed); err != nil {
		t.Fatal(err)
	}
	return feed.Items
}

func TestDemoTranslatesAllOfTheSamples(t *testing.T) {
	dir := t.TempDir()
	var said bytes.Buffer
	if _, err := runDemo(t.Context(), dir, &said, io.Discard); err != nil {
		t.Fatal(err)
	}
	items := demoItems(t, dir, feeds.English)
	if len(items) != 45 {
		t.Errorf("%d stories", len(items))
	}
	for _, it := range items {
		if it.Nashra.Translation.State != string(feeds.Done) || it.Nashra.Translation.Engine != "memory" ||
			it.Language != "en" {
			t.Errorf("%q is %+v in %q", it.Title, it.Nashra.Translation, it.Language)
		}
		if text := it.Title + it.Content; arabic.Has(text) {
			t.Errorf("Arabic is left in %s", text)
		}
		if !strings.Contains(it.Content, "translated by people") {
			t.Errorf("%q does not say who translated it", it.Title)
		}
	}
	for _, want := range []string{"Engine: memory", "can translate nothing else", "8 invented outlets"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("the demo does not say %q: %s", want, said.String())
		}
	}
}

// The headlines of sources' items are data, in the language of their source.
var itemTitle = regexp.MustCompile(`"item_title": "[^\n]*`)

func TestEnglishFilesOfTheDemoAreEnglish(t *testing.T) {
	dir := t.TempDir()
	if _, err := runDemo(t.Context(), dir, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "public", "*.en.*"))
	if err != nil || len(names) != 6 {
		t.Fatalf("%q, %v; want the feeds of two channels", names, err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(itemTitle.ReplaceAllString(string(b), "")) {
			if arabic.Has(line) {
				t.Errorf("%s: %s", filepath.Base(name), line)
			}
		}
	}
}

// Two outlets ran the story of DeepSeek and Nvidia, two told it in other words. The attack on
// DeepSeek and Nvidia's recovery are other news.
func TestDemoFoldsLinksAndKeepsApart(t *testing.T) {
	dir := t.TempDir()
	if _, err := runDemo(t.Context(), dir, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	var pair demoItem
	by := map[string]demoItem{} // a part of its title
	for _, it := range demoItems(t, dir, feeds.Bilingual) {
		if slices.ContainsFunc(it.Nashra.Sources, func(s demoSource) bool { return s.Kind == string(feeds.Copy) }) {
			pair = it
		}
		for _, part := range []string{"loses $589 billion", "DeepSeek stops new sign-ups", "Nvidia regains"} {
			if strings.Contains(it.Title, part) {
				by[part] = it
			}
		}
	}
	if len(pair.Nashra.Sources) != 2 || pair.Nashra.Sources[0].ID != "tiqani" ||
		pair.Nashra.Sources[1].ID != "khabartech" {
		t.Fatalf("the pair: %+v", pair.Nashra)
	}
	for _, name := range []string{"Tiqani", "Khabar Tech", "Nile Gadget", "Source: ", "also in: ",
		"also covered by: "} {
		if !strings.Contains(pair.Content, name) {
			t.Errorf("the pair's entry does not name %s: %s", name, pair.Content)
		}
	}
	told := by["loses $589 billion"].Nashra
	if len(told.Sources) != 1 ||
		!slices.Equal(told.Related, []demoSource{{"tiqani", "event"}, {"maghrebtech", "event"}}) ||
		!slices.Equal(pair.Nashra.Related, []demoSource{{"nilegadget", "event"}, {"maghrebtech", "event"}}) {
		t.Errorf("the event, told by another: %+v; of the pair %+v", told, pair.Nashra.Related)
	}
	for other, related := range map[string][]demoSource{"DeepSeek stops new sign-ups": {{"alraqmi", "event"}},
		"Nvidia regains": {}} {
		if it := by[other]; it.Title == "" || it.Nashra.Story == pair.Nashra.Story || len(it.Nashra.Sources) != 1 ||
			!slices.Equal(it.Nashra.Related, related) {
			t.Errorf("%s: %q %+v", other, it.Title, it.Nashra)
		}
	}
	page, err := os.ReadFile(filepath.Join(dir, "public", "stories", pair.Nashra.Story+".html"))
	if err != nil || !strings.Contains(string(page), "khabartech.example") ||
		!strings.Contains(string(page), "nilegadget.example") {
		t.Errorf("the page names neither or one alone: %v", err)
	}
}

func TestDemoIsServed(t *testing.T) {
	base, _ := publishedDemo(t)
	for name, want := range map[string]string{"/feed.atom": "application/atom+xml",
		"/feed.en.rss": "application/rss+xml", "/feed.ar.json": "application/feed+json", "/": "text/html"} {
		resp, err := http.Get(base + name)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, %s", name, resp.Status, got)
		}
	}
}

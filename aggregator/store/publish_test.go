package store

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
)

// samples returns the sample feeds as polled at noon.
func samples(t *testing.T) (sources []feeds.Source, polls []aggregator.Poll) {
	t.Helper()
	files, err := filepath.Glob(
		filepath.Join("..", "..", "feeds", "parse", "testdata", "in", "[a-np-z]*.xml"),
	) // without odd-*.xml
	if err != nil || len(files) < 8 {
		t.Fatal("sample feeds:", files, err)
	}
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		id, _, _ := strings.Cut(filepath.Base(name), "-")
		src := feeds.Source{ID: id, URL: "https://" + id + ".example/feed"}
		feed, err := parse.Feed(src, feeds.Document{Base: src.URL, Body: body, At: noon})
		if err != nil {
			t.Fatal(err)
		}
		p := aggregator.Poll{State: polite.State{ID: id, Address: src.URL, Title: feed.Title}, Whole: true}
		for _, it := range feed.Items {
			it.Seen = noon
			p.Items = append(p.Items, signed(it))
		}
		sources, polls = append(sources, src), append(polls, p)
	}
	return sources, polls
}

// publish groups, translates and publishes the samples with the store at address and returns the
// files.
func publish(t *testing.T, address, dir string) map[string]string {
	t.Helper()
	st := opened(t, address)
	sources, polls := samples(t)
	if _, err := st.Polled(t.Context(), noon, polls...); err != nil {
		t.Fatal(err)
	}
	title := map[string]string{"en": "News", "ar": "أخبار"}
	a := aggregator.New(
		aggregator.Options{
			Store:   st,
			Sources: sources,
			URL:     "https://feeds.example/",
			Dir:     dir,
			Now:     func() time.Time { return noon },
			Channels: []feeds.Channel{
				{ID: "feed", Title: title, Limit: 100},
				{ID: "pairs", Title: title, Limit: 7, Layout: "interleaved", Include: []string{"هاتف"}},
			},
		},
	)
	if _, err := a.Group(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := st.Stories(t.Context(), feeds.Query{Limit: 1000})
	if err != nil || len(list) < 30 {
		t.Fatalf("%d stories, %v", len(list), err)
	}
	done := map[string]feeds.Translation{}
	for _, s := range list {
		done[s.ID] = feeds.Translation{
			Text:   feeds.Text{Lang: "en", Title: "Story " + s.ID, Body: "<p>Its text.</p>"},
			State:  feeds.Done,
			Engine: "x",
			At:     noon,
			Source: s.Hash(),
		}
	}
	if err := st.Translated(t.Context(), noon, done); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// The same items give the same files on each database. NASHRA_TEST_PUBLISHED names a folder to keep
// them in, to compare them with another processor's.
func TestPublishedIsTheSameEverywhere(t *testing.T) {
	kept := os.Getenv("NASHRA_TEST_PUBLISHED")
	if kept == "" {
		kept = t.TempDir()
	}
	want := publish(t, databases["SQLite"](t), kept)
	if len(want) < 60 || !strings.Contains(want["feed.atom"], "<entry") ||
		!strings.Contains(want["pairs.atom"], "<entry") {
		t.Fatalf("%d files", len(want))
	}
	everywhere(t, func(t *testing.T, address string) {
		got := publish(t, address, t.TempDir())
		for name := range want {
			if got[name] != want[name] {
				t.Errorf("%s is another one", name)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d files, not %d", len(got), len(want))
		}
	})
}

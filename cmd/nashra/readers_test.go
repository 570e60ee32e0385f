package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite" // newsboat keeps its articles in SQLite

	"github.com/nashra/nashra/feeds"
)

// published runs the demo and serves what it wrote; it returns the address and the items of the bilingual JSON feed.
func publishedDemo(t *testing.T) (base string, items []publishedItem) {
	t.Helper()
	dir := t.TempDir()
	if err := runDemo(t.Context(), dir, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(published(http.FileServerFS(os.DirFS(filepath.Join(dir, "public")))))
	t.Cleanup(srv.Close)
	text, err := os.ReadFile(filepath.Join(dir, "public", feeds.Path("feed", feeds.Bilingual, feeds.JSON)))
	if err != nil {
		t.Fatal(err)
	}
	var feed struct{ Items []publishedItem }
	if err := json.Unmarshal(text, &feed); err != nil || len(feed.Items) < 30 {
		t.Fatalf("%d items, %v", len(feed.Items), err)
	}
	return srv.URL, feed.Items
}

type publishedItem struct {
	Title     string
	Published time.Time `json:"date_published"`
}

// need skips the test where a Debian package's program is missing; where CI installs it, it must be there.
func need(t *testing.T, program, pkg string) string {
	t.Helper()
	at, err := exec.LookPath(program)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing: apt-get install %s", program, pkg)
		}
		t.Skipf("no %s: apt-get install %s", program, pkg)
	}
	return at
}

// command runs a program with a time limit and returns what it printed.
func command(t *testing.T, env []string, name string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s%s", name, args, err, out, stderr.Bytes())
	}
	return out
}

// compare holds what a reader shows against what was published.
func compare(t *testing.T, reader string, got, want []publishedItem) {
	t.Helper()
	type key struct {
		title string
		at    int64
	}
	shown := map[key]int{}
	for _, it := range got {
		shown[key{it.Title, it.Published.Unix()}]++
	}
	for _, it := range want {
		k := key{it.Title, it.Published.Unix()}
		if shown[k]--; shown[k] < 0 {
			t.Errorf("%s does not show %q of %v", reader, it.Title, it.Published)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s shows %d items of %d", reader, len(got), len(want))
	}
}

const feedparserScript = `
import calendar, feedparser, json, sys
f = feedparser.parse(sys.argv[1])
if f.bozo: sys.exit("not well-formed: %s" % f.bozo_exception)
print(json.dumps([{"Title": e.title, "date_published": e.published_parsed and calendar.timegm(e.published_parsed)} for e in f.entries]))
`

func TestFeedparserReadsWhatIsPublished(t *testing.T) {
	python := "/usr/bin/python3" // Debian's own, which has Debian's packages
	if err := exec.Command(python, "-c", "import feedparser").Run(); err != nil {
		python = need(t, "python3-feedparser", "python3-feedparser")
	}
	base, want := publishedDemo(t)
	for _, f := range []feeds.Format{feeds.Atom, feeds.RSS} {
		var rows []struct {
			Title string
			At    int64 `json:"date_published"`
		}
		out := command(t, nil, python, "-c", feedparserScript, base+"/"+feeds.Path("feed", feeds.Bilingual, f))
		if err := json.Unmarshal(out, &rows); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		var got []publishedItem
		for _, r := range rows {
			got = append(got, publishedItem{r.Title, time.Unix(r.At, 0)})
		}
		compare(t, "feedparser, "+string(f), got, want)
	}
}

func TestNewsboatReadsWhatIsPublished(t *testing.T) {
	newsboat := need(t, "newsboat", "newsboat")
	base, want := publishedDemo(t)
	for _, f := range []feeds.Format{feeds.Atom, feeds.RSS} {
		dir := t.TempDir()
		urls, cache, config := filepath.Join(dir, "urls"), filepath.Join(dir, "cache.db"), filepath.Join(dir, "config")
		for name, text := range map[string]string{urls: base + "/" + feeds.Path("feed", feeds.Bilingual, f) + "\n", config: ""} {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		command(t, []string{"HOME=" + dir, "LANG=C.UTF-8"}, newsboat, "-q", "-u", urls, "-c", cache, "-C", config, "-x", "reload")
		compare(t, "newsboat, "+string(f), newsboatItems(t, cache), want)
	}
}

func newsboatItems(t *testing.T, cache string) (out []publishedItem) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+cache)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT title, pubDate FROM rss_item")
	if err != nil {
		t.Fatal(fmt.Errorf("newsboat's cache: %w", err))
	}
	defer rows.Close()
	for rows.Next() {
		var it publishedItem
		var at int64
		if err := rows.Scan(&it.Title, &at); err != nil {
			t.Fatal(err)
		}
		it.Published = time.Unix(at, 0)
		out = append(out, it)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

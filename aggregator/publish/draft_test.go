package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

func folder(t *testing.T) (*os.Root, string) {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root, dir
}

// old is the time of files that were published before.
var old = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644),
		os.Chtimes(path, old, old)); err != nil {
		t.Fatal(err)
	}
}

func TestDraftReplacesOnlyFilesThatDiffer(t *testing.T) {
	for name, c := range map[string]struct {
		published, draft string
		left             string // by a program that was killed
		changed          bool
	}{
		"new":                          {"", "abc", "", true},
		"the same":                     {"abc", "abc", "", false},
		"longer":                       {"abc", "abcd", "", true},
		"of the same length":           {"abc", "abd", "", true},
		"over a longer temporary file": {"abc", "abd", "a draft that was never finished", true},
	} {
		root, dir := folder(t)
		path := filepath.Join(dir, "a", "feed.atom")
		if c.published != "" {
			put(t, path, c.published)
		}
		if c.left != "" {
			put(t, filepath.Join(dir, beside("a/feed.atom")), c.left)
		}
		r := newRun(NewPublisher(NewCatalog(Options{Now: time.Now})), root, nil)
		r.files["a/feed.atom"] = &Output{}
		d, err := r.draft("a/feed.atom")
		if err != nil {
			t.Fatal(name, err)
		}
		for _, part := range strings.Split(c.draft, "") {
			fmt.Fprint(d, part)
		}
		err = d.finish()
		d.drop()
		o, changed := *r.files["a/feed.atom"], r.written != nil
		want, _ := fileSum(root, "a/feed.atom")
		if err != nil || changed != c.changed || o.Sum != want || o.Size != int64(len(c.draft)) {
			t.Errorf("%s: changed %v, %+v, %v; want %v, %x", name, changed, o, err, c.changed, want)
		}
		now, err := os.ReadFile(path)
		if err != nil || string(now) != c.draft {
			t.Errorf("%s: the file is %q, %v", name, now, err)
		}
		if info, err := os.Stat(path); err != nil || info.ModTime().Equal(old) == c.changed {
			t.Errorf("%s: written at %v, %v", name, info.ModTime(), err)
		}
		if _, err := root.Stat(beside("a/feed.atom")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the temporary file is left: %v", name, err)
		}
	}
}

// A link at the place of the temporary file is replaced: what it leads to stays as it is.
func TestDraftFollowsNoLink(t *testing.T) {
	for _, target := range []string{"mine.html", "/nonexistent/file"} {
		root, dir := folder(t)
		put(t, filepath.Join(dir, "mine.html"), "mine")
		if err := os.Symlink(target, filepath.Join(dir, beside("index.html"))); err != nil {
			t.Fatal(err)
		}
		r := newRun(NewPublisher(NewCatalog(Options{Now: time.Now})), root, nil)
		r.files["index.html"] = &Output{}
		d, err := r.draft("index.html")
		if err != nil {
			t.Fatal(target, err)
		}
		fmt.Fprint(d, "index")
		if err := d.finish(); err != nil {
			t.Error(target, err)
		}
		for name, want := range map[string]string{"index.html": "index", "mine.html": "mine"} {
			got, err := os.ReadFile(filepath.Join(dir, name))
			info, lerr := os.Lstat(filepath.Join(dir, name))
			if string(got) != want || err != nil || lerr != nil || !info.Mode().IsRegular() {
				t.Errorf("link to %s: %s is %q, %v, %v", target, name, got, err, lerr)
			}
		}
	}
}

// pages is a store of stories, of which some have gone since they were listed.
type pages struct {
	Store
	gone  map[string]bool
	reads []int // of stories at once
	fail  int   // the number of the read that fails
}

func (p *pages) Stories(_ context.Context, q feeds.Query) (out []feeds.Story, err error) {
	p.reads = append(p.reads, len(q.IDs))
	if len(p.reads) == p.fail {
		return nil, errors.New("the database is gone")
	}
	for _, id := range q.IDs {
		if !p.gone[id] {
			it := feeds.Item{SourceID: "one", Text: feeds.Text{Lang: "ar", Title: "خبر " + id}}
			out = append(out, feeds.Story{ID: id, Text: it.Text, Items: []feeds.Member{{Item: it, Kind: feeds.Lead}}})
		}
	}
	return out, nil
}

func TestFeedsAreWrittenInPages(t *testing.T) {
	var listed []feeds.Listed
	for i := range 250 {
		listed = append(listed, feeds.Listed{ID: fmt.Sprintf("%016x", i), Lang: "ar"})
	}
	ch := feeds.Channel{ID: "feed", Limit: 1000}
	root, dir := folder(t)
	st := &pages{gone: map[string]bool{listed[3].ID: true}}
	p := NewPublisher(NewCatalog(Options{Store: st, Now: time.Now}))
	write := func() ([]string, error) {
		r := newRun(p, root, nil)
		for _, name := range feedPaths(ch, feeds.Editions...) {
			r.files[name] = &Output{}
		}
		err := r.feeds(t.Context(), ch, choice{shown: listed}, feeds.Editions)
		return r.written, err
	}
	written, err := write()
	if err != nil || len(written) != 9 || fmt.Sprint(st.reads) != "[100 100 50]" {
		t.Fatalf("%q, reads of %d, %v", written, st.reads, err)
	}
	body, err := os.ReadFile(filepath.Join(dir, "feed.atom"))
	if n := strings.Count(string(body), "<entry"); err != nil || n != 249 {
		t.Errorf("%d entries, %v; want 249: one story is gone", n, err)
	}

	// Nothing changed, and then a read fails: the published files stay, and no draft is left.
	for _, fail := range []int{0, 2} {
		st.reads, st.fail = nil, fail
		if fail > 0 {
			listed[0].ID = "ffffffffffffffff"
		}
		written, err := write()
		if written != nil || (err != nil) != (fail > 0) {
			t.Errorf("read %d fails: written %q, %v", fail, written, err)
		}
		if again, err := os.ReadFile(filepath.Join(dir, "feed.atom")); err != nil || string(again) != string(body) {
			t.Errorf("read %d fails: feed.atom is another, %v", fail, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".*")); left != nil {
			t.Errorf("read %d fails: left %q", fail, left)
		}
	}
}

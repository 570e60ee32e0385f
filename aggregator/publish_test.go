package aggregator_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Files that are deleted or damaged from outside are restored at the next publishing, even without
// news.
func TestPublishedFilesAreMended(t *testing.T) {
	r := newRig(t, newsPages())
	r.pass(t)
	want := r.files(t)
	for name, spoil := range map[string]func(string) error{
		"feed.atom": os.Remove,
		"feed.json": func(f string) error { return os.WriteFile(f, nil, 0o600) },
		"index.html": func(f string) error {
			b, err := os.ReadFile(f)
			if err == nil {
				b[len(b)/2] ^= 1
				err = os.WriteFile(f, b, 0o600)
			}
			return err
		},
		"stories": os.RemoveAll,
	} {
		if err := spoil(filepath.Join(r.opt.Dir, name)); err != nil {
			t.Fatal(err)
		}
		p, err := r.over(r.st).Publish(t.Context())
		if err != nil || len(p.Written) == 0 || !strings.HasPrefix(p.Written[0], name) {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
		if got := r.files(t); !maps.Equal(got, want) {
			t.Errorf("%s is not mended", name)
		}
	}
}

// The pages of stories that a channel no longer shows are removed, with what a killed program left
// beside them.
func TestPagesGoWithTheirStories(t *testing.T) {
	r := newRig(t, newsPages())
	r.pass(t)
	before := r.files(t)
	for name := range before {
		if strings.HasPrefix(name, "stories/") {
			left := filepath.Join(r.opt.Dir, "stories", "."+strings.TrimPrefix(name, "stories/")+".new")
			if err := os.WriteFile(left, []byte("ha"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.opt.Channels[0].Exclude = []string{"هواوي"}
	p, err := r.over(r.st).Publish(t.Context())
	if err != nil || p.Stories != 1 || len(p.Removed) != 3 || !strings.HasPrefix(p.Removed[0], "stories/") {
		t.Fatalf("%+v, %v", p, err)
	}
	after := slices.Collect(maps.Keys(r.files(t)))
	if slices.Contains(after, p.Removed[0]) || slices.Contains(after,
		strings.Replace(p.Removed[0], "/", "/.", 1)+".new") {
		t.Errorf("left: %q", after)
	}
}

// A program killed while it writes still knows its files the next time.
func TestFilesAreListedBeforeTheyAreWritten(t *testing.T) {
	r := newRig(t, newsPages())
	a := r.over(r.st)
	if _, err := a.Poll(t.Context(), nil, false, "one", "two"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Group(t.Context()); err != nil {
		t.Fatal(err)
	}
	// block the index
	if err := os.MkdirAll(filepath.Join(r.opt.Dir, ".index.html.new", "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Publish(t.Context()); err == nil {
		t.Fatal("published over a folder")
	}
	listed, err := r.st.Outputs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name := range r.files(t) {
		if _, ok := listed[name]; !ok {
			t.Errorf("%s is written and not listed", name)
		}
	}
}

// A new home page of a source or title of a channel is published even if no story changed.
func TestPublishSeesTheSettings(t *testing.T) {
	r := newRig(t, newsPages())
	r.pass(t)
	r.opt.Channels[0].Title["en"] = "Other news"
	if p, err := r.over(r.st).Publish(t.Context()); err != nil || !slices.Contains(p.Written, "feed.atom") {
		t.Errorf("%+v, %v", p, err)
	}
	r.publisher.mu.Lock()
	r.pages["/one"] = strings.Replace(r.pages["/one"], "https://news.example/</link>", "https://home.example/</link>",
		1)
	r.publisher.mu.Unlock()
	r.time = noon.Add(2 * time.Hour)
	rep := r.pass(t)
	if rep.Polled.New+rep.Polled.Changed != 0 || !slices.Contains(rep.Published.Written, "feed.atom") {
		t.Errorf("%+v", rep)
	}
}
